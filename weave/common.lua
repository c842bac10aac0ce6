-- SPDX-License-Identifier: GPL-2.0-only
--
-- What the survey, the reader and the filters share: noweb's pipeline as a table, names, and escapes.

local M = {}

-- In lines of code and prose these enclose a chunk use and a [[quote]]. Private characters of Unicode: no chapter has them.
M.USE, M.ESU = '\u{E000}', '\u{E001}'
M.QUOTE, M.ETOUQ = '\u{E002}', '\u{E003}'

-- Parse the output of noweb's markup. Returns a list of chapters {file, blocks}; a block is
-- {kind = 'docs'|'code', name (of code), line (in the file, of its first line), lines}.
function M.parse(stream)
  local chapters, chapter, block, text, line = {}, nil, nil, '', 1
  local act = {
    file = function(rest)
      chapter = {file = rest, blocks = {}}
      chapters[#chapters + 1] = chapter
      line = 1
    end,
    begin = function(rest)
      block = {kind = rest:match('%a+'), line = line, lines = {}}
      chapter.blocks[#chapter.blocks + 1] = block
    end,
    defn = function(rest) block.name = rest end,
    text = function(rest) text = text == '' and rest or text .. rest end,
    use = function(rest) text = text .. M.USE .. rest .. M.ESU end,
    quote = function() text = text .. M.QUOTE end,
    endquote = function() text = text .. M.ETOUQ end,
    nl = function()
      line = line + 1
      -- The first line of a code chunk is its name.
      if block.kind == 'code' and not block.headed then
        block.headed, block.line = true, line
      else
        block.lines[#block.lines + 1] = text
      end
      text = ''
    end,
  }
  for word, rest in stream:gmatch('@(%a+) ?([^\n]*)\n') do
    local a = act[word]
    if a then
      a(rest)
    end
  end
  return chapters
end

-- A reader of prose, line by line: returns what a line is ("text", "comment", or "open", "in", "close" of a fenced block) and its text
-- without comments; for "open" also what stands behind the fence. Everybody who looks at prose uses this one.
function M.prose()
  local fence, comment
  return function(l)
    if fence then
      local mark = l:match('^%s*([`~]+)%s*$')
      if mark and mark:sub(1, #fence) == fence then
        fence = nil
        return 'close', l
      end
      return 'in', l
    end
    if comment then
      local ends = l:find('-->', 1, true)
      if not ends then
        return 'comment', ''
      end
      l, comment = l:sub(ends + 3), false
    end
    l = l:gsub('<!%-%-.-%-%->', '')
    local begins = l:find('<!--', 1, true)
    if begins then
      l, comment = l:sub(1, begins - 1), true
      return l:match('%S') and 'text' or 'comment', l
    end
    local mark, rest = l:match('^%s*(```+)([^`]*)$')
    if not mark then
      mark, rest = l:match('^%s*(~~~+)(.*)$')
    end
    if mark then
      fence = mark
      return 'open', l, rest
    end
    return 'text', l
  end
end

-- "journey/H-Host/330-paging.nw" -> "H-330-paging", "H", "Host", "330"
function M.page(file)
  local letter, part, number, slug = file:match('(%u)%-([^/]+)/(%d+)%-([^/]+)%.nw$')
  if not letter then
    return nil
  end
  return letter .. '-' .. number .. '-' .. slug, letter, part, number
end

-- Letters, digits and single hyphens.
function M.slug(text)
  return (text:gsub('[^%w_]+', '-'):gsub('^%-', ''):gsub('%-$', ''))
end

-- What links call a term: "Shadow page table" -> "shadow-page-table".
function M.term(text)
  return M.slug(text):lower()
end

-- The name by which a table of terms has what a link calls `slug`: a plural finds the singular, and the other way round.
function M.find_term(terms, slug)
  slug = slug:lower()
  for _, try in ipairs{slug, slug .. 's', slug:gsub('s$', ''), slug:gsub('y$', 'ies'), slug:gsub('ies$', 'y')} do
    if terms[try] then
      return try
    end
  end
end

local entities = {['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;'}
function M.escape(text)
  return (text:gsub('[&<>"]', entities))
end

-- A chunk's name as HTML: [[x]] is code.
function M.name(name)
  return (M.escape(name):gsub('%[%[(.-)%]%]', '<code>%1</code>'))
end

function M.slurp(path)
  local f = io.open(path)
  if not f then
    return nil
  end
  local text = f:read('a')
  f:close()
  return text
end

-- Write a file, unless it has that text already. Whoever is stopped in the middle leaves no half page that looks new.
function M.write(path, text)
  if M.slurp(path) == text then
    return
  end
  local f = assert(io.open(path .. '.part', 'w'))
  assert(f:write(text))
  assert(f:close())
  assert(os.rename(path .. '.part', path))
end

-- The keys of a table in order.
function M.keys(t)
  local keys = {}
  for k in pairs(t) do
    keys[#keys + 1] = k
  end
  table.sort(keys)
  return keys
end

-- A value as Lua text that gives it back, the same for the same value.
function M.dump(value)
  local out = {}
  local function add(v)
    if type(v) ~= 'table' then
      out[#out + 1] = type(v) == 'string' and ('%q'):format(v) or tostring(v)
      return
    end
    out[#out + 1] = '{'
    for _, item in ipairs(v) do
      add(item)
      out[#out + 1] = ',\n'
    end
    local named = {}
    for k in pairs(v) do
      if type(k) == 'string' then
        named[#named + 1] = k
      end
    end
    table.sort(named)
    for _, k in ipairs(named) do
      out[#out + 1] = ('[%q]='):format(k)
      add(v[k])
      out[#out + 1] = ',\n'
    end
    out[#out + 1] = '}'
  end
  add(value)
  return table.concat(out)
end

-- A string as JavaScript, also inside a script element.
local js = {}
for c = 0, 255 do
  js[string.char(c)] = ('\\u%04x'):format(c)
end
function M.js(text)
  return '"' .. text:gsub('[%c"\\<]', js) .. '"'
end

return M
