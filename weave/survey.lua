-- SPDX-License-Identifier: GPL-2.0-only
--
-- pandoc -f survey.lua: read all chapters (noweb's pipeline, as markup prints it) and say of each page what it must
-- know of the others: build/weave/PAGE.lua (names, numbers, links) and build/weave/PAGE.markup (its own part of the
-- pipeline). A file whose text stays keeps its date, so that weave makes only the pages that change.
-- Written at once, because they need no pandoc: the search index and the tangled text of every chunk.
--
-- Environment: WEAVE this folder, PAGES where the above goes, BOOK the book's folder, TAGS what ctags says of build/read.

local weave = os.getenv('WEAVE')
local pages_dir, book = os.getenv('PAGES'), os.getenv('BOOK')
local M = dofile(weave .. '/common.lua')
local draw = dofile(weave .. '/draw.lua')
local escape, keys = M.escape, M.keys

local failed = false
local function fault(file, line, what)
  io.stderr:write(file, ':', line, ': ', what, '\n')
  failed = true
end

-- One line of Markdown as HTML: code and emphasis are all that titles have.
local function inline(text)
  return (escape(text):gsub(M.QUOTE .. '(.-)' .. M.ETOUQ, '<code>%1</code>'):gsub('`([^`]+)`', '<code>%1</code>')
    :gsub('%*([^*]+)%*', '<em>%1</em>'))
end

-- One line of Markdown as text alone, for where nothing else can stand: a tooltip, the window's title. Code and a sign
-- behind a backslash mean what they say; of a link and of a recorded number the words are left.
local function plain(text)
  local kept = {}
  local function keep(words)
    kept[#kept + 1] = words
    return '\1' .. #kept .. '\2'
  end
  return (text:gsub(M.QUOTE .. '(.-)' .. M.ETOUQ, keep):gsub('(`+)(.-)%1', function(_, code) return keep(code) end):gsub('\\(%p)', keep)
    :gsub('%[([^%[%]]*)%]%b()', '%1'):gsub('%[([^%[%]]*)%]%b{}', '%1'):gsub('\2%b{}', '\2')
    :gsub('<<(.-)>>', '\u{27E8}%1\u{27E9}'):gsub('%*', ''):gsub('\1(%d+)\2', function(n) return kept[tonumber(n)] end))
end

local function id_maker()
  local taken = {}
  return function(id)
    local try, n = id, 1
    while taken[try] do
      n = n + 1
      try = id .. '-' .. n
    end
    taken[try] = true
    return try
  end
end

---------------------------------------------------------------------- pages, sections, pieces of chunks

local pages, parts = {}, {}
local sections = {}            -- id -> {page, label, title}
local chunks, names = {}, {}   -- name -> {pieces, users}; names in order of appearance

-- The words of a line of prose.
local function words_of(l)
  return (l:gsub('{%.recorded cmd=".-[^\\]"}', ''):gsub('{[#.=][^}]*}', ''):gsub('%[([^%]]*)%]%([^)]*%)', '%1')
    :gsub('<[^>]*>', ' '):gsub('[`*|]', ''):gsub('^:::.*', ''))
end

-- A heading begins a section of the page.
local function read_heading(page, level, title, line)
  local attributes = title:match('%s*(%b{})$') or ''
  title = title:gsub('%s*%b{}$', '')
  local id = attributes:match('#([^%s}]+)')
  if level == 1 then
    if page.title then
      fault(page.file, line, 'a chapter has one title, make this heading a section (##)')
    end
    page.title = title
    return
  end
  local label, rest = title:match('^(%u:%d%d%d)%s+(.*)$')
  local s = {page = page, id = id, label = label, title = rest or title, text = {}, prose = {}, line = line}
  if label then
    page.label = label
  end
  if not id then
    local auto = page.id .. '-' .. M.slug(title)
    page.taken[auto] = (page.taken[auto] or 0) + 1
    s.id = auto .. (page.taken[auto] > 1 and '-' .. page.taken[auto] or '')
  elseif sections[id] then
    fault(page.file, line, 'section id ' .. id .. ' is already at ' .. sections[id].page.file .. ':'
      .. sections[id].line .. ', choose a free number')
  else
    sections[id] = s
  end
  s.within = page.label
  page.sections[#page.sections + 1] = s
  page.section = s
end

local plots = {}               -- "PAGE FILE", for weave

-- What is wrong with a fenced block that says it is a picture.
local function check_block(page, line, attributes, lines)
  local class = attributes:match('^%s*{%.(%w+)')
  if class == 'picture' then
    local svg, wrong = draw(table.concat(lines, '\n'), attributes:match('size="([^"]*)"'))
    if not svg then
      fault(page.file, line, wrong)
    end
  elseif class == 'plot' then
    plots[#plots + 1] = page.id .. ' ' .. (attributes:match('data="([^"]*)"') or '') .. '\n'
  elseif class == 'diagram' and not attributes:find('alt="[^"]') then
    fault(page.file, line, 'a diagram has alt="...", what somebody is told who cannot see it (a listing is no diagram)')
  end
end

local graded = {}              -- exercises that a program grades, in the order of the book: sections with minutes, points, level
local last_of_part = {}        -- letter -> the last number

-- ::: {#H1 .exercise title="…" minutes="30" points="2" level="medium"}: an exercise of that number (W:415).
local function read_exercise(page, attributes, line)
  local id = attributes:match('{#(%u%d+) ')
  local letter, number = (id or ''):match('^(%u)(%d+)$')
  local e = {page = page, id = id, label = id, line = line, within = page.label}
  for key, value in attributes:gmatch('(%l+)="([^"]*)"') do
    e[key] = value
  end
  if letter ~= page.letter or tonumber(number) ~= (last_of_part[letter] or 0) + 1 then
    fault(page.file, line, 'this exercise is ' .. page.letter .. (last_of_part[page.letter] or 0) + 1 .. ', numbers go up from one to the next')
    return
  elseif not (e.title and (e.minutes or ''):match('^%d+$') and (e.points or ''):match('^%d+$') and
      (e.level == 'easy' or e.level == 'medium' or e.level == 'hard' or e.level == 'weekend')) then
    fault(page.file, line, 'an exercise has title="...", minutes="30", points="2" and level="easy", "medium", "hard" or "weekend"')
    return
  end
  last_of_part[letter] = tonumber(number)
  sections[id] = e
  graded[#graded + 1] = e
end

-- A line of prose may open or close a div. `open` has the lines of those that are open.
local function read_div(page, text, line, open)
  local attributes = text:match('^:::+%s*(%b{})')
  if text:match('^:::+%s*$') then
    if not table.remove(open) then
      fault(page.file, line, 'this ::: closes nothing, take it out')
    end
  elseif text:match('^:::') then
    open[#open + 1] = line
  end
  if attributes and attributes:find('.exercise', 1, true) then
    read_exercise(page, attributes, line)
  end
end

-- The lines where a fenced block and a div begin that are open at its end are returned, if there are.
local function read_docs(page, block)
  local kind_of = M.prose()
  local block_line, attributes, inside
  local divs = {}
  for i, l in ipairs(block.lines) do
    local line = block.line + i - 1
    local kind, text, rest = kind_of(l)
    for id in kind ~= 'in' and l:gmatch('{[^}]*#([%w_-]+)') or function() end do
      page.ids[id] = true
    end
    if kind == 'open' then
      block_line, attributes, inside = line, rest, {}
    elseif kind == 'in' then
      inside[#inside + 1] = l
    elseif kind == 'close' then
      check_block(page, block_line, attributes, inside)
      block_line = nil
    elseif kind == 'text' then
      read_div(page, text, line, divs)
      local level, title = text:match('^(#+)%s+(.-)%s*$')
      if level then
        read_heading(page, #level, title, line)
      end
      local s = page.section or page
      s.prose[#s.prose + 1] = {line = line, text = level and '' or text}
      for id in text:gmatch('%]%(#([%w_-]+)%)') do
        page.links[#page.links + 1] = {id = id, line = line}
      end
      if not level then
        s.text[#s.text + 1] = words_of(text)
        for words, more in text:gmatch('%[([^%]]+)%]{%.index([^}]*)}') do
          page.marks[#page.marks + 1] = {key = more:match('term="([^"]*)"') or words, section = s}
        end
      end
    end
    if kind ~= 'text' then
      -- A block or a chunk ends a paragraph.
      local s = page.section or page
      s.prose[#s.prose + 1] = {line = line, text = ''}
    end
  end
  return block_line, divs[#divs]
end

local function read_chapter(chapter)
  local page = {file = chapter.file, sections = {}, pieces = {}, links = {}, marks = {}, ids = {}, text = {}, prose = {}, taken = {}, blocks = chapter.blocks}
  page.id, page.letter, page.part, page.number = M.page(chapter.file)
  if not page.id then
    fault(chapter.file, 1, 'a chapter is called journey/<letter>-<Part>/<number>-<slug>.nw, rename it')
    return
  end
  page.label = page.letter .. ':' .. page.number
  page.href = page.id .. '.html'
  local part = parts[#parts]
  if not part or part.letter ~= page.letter then
    part = {letter = page.letter, name = page.part, pages = {}}
    parts[#parts + 1] = part
  end
  part.pages[#part.pages + 1] = page
  pages[#pages + 1] = page
  page.nth = #pages

  local count = {}
  for _, block in ipairs(chapter.blocks) do
    if block.kind == 'docs' then
      local open, div = read_docs(page, block)
      if div then
        fault(page.file, div, 'this ::: is still open where the chapter ends or a chunk begins, close it')
      end
      if open and block ~= chapter.blocks[#chapter.blocks] then
        fault(page.file, open, 'this fenced block is still open where a chunk begins, close it')
      end
    else
      local name = block.name
      local chunk = chunks[name]
      if not chunk then
        chunk = {name = name, pieces = {}, users = {}, uses = {}}
        chunks[name] = chunk
        names[#names + 1] = name
      end
      count[page.label] = (count[page.label] or 0) + 1
      local piece = {page = page, chunk = chunk, block = block, number = page.label .. '.' .. count[page.label],
        section = page.section, defines = {}}
      chunk.pieces[#chunk.pieces + 1] = piece
      page.pieces[#page.pieces + 1] = piece
      for i, l in ipairs(block.lines) do
        for used in l:gmatch(M.USE .. '(.-)' .. M.ESU) do
          piece[#piece + 1] = {name = used, line = block.line + i - 1}
        end
      end
    end
  end
  if not page.title then
    fault(page.file, 1, 'the chapter has no title, begin it with # Title')
    page.title = page.id
  end
end

local function link_chunks()
  local unique = id_maker()
  for _, name in ipairs(names) do
    local chunk = chunks[name]
    for n, piece in ipairs(chunk.pieces) do
      piece.nth = n
      piece.id = unique('chunk-' .. M.slug(name) .. (n > 1 and '-' .. n or ''))
      piece.href = piece.page.href .. '#' .. piece.id
      local seen = {}
      for _, use in ipairs(piece) do
        local used = chunks[use.name]
        if not used then
          fault(piece.page.file, use.line, 'chunk <<' .. use.name .. '>> is not defined, define it')
        elseif not seen[used] then
          seen[used] = true
          used.users[#used.users + 1] = piece
        end
      end
    end
  end
end

---------------------------------------------------------------------- tangled text, with the origin of each line

local function expand(chunk, open)
  if chunk.lines then
    return chunk.lines
  end
  open = open or {}
  if open[chunk] then
    return {}
  end
  open[chunk] = true
  local out = {}
  for _, piece in ipairs(chunk.pieces) do
    for i, l in ipairs(piece.block.lines) do
      local before, used, after = l:match('^(.-)' .. M.USE .. '(.-)' .. M.ESU .. '(.*)$')
      local inner = used and chunks[used] and expand(chunks[used], open)
      if inner then
        local indent = before:gsub('[^\t]', ' ')
        for n, one in ipairs(inner) do
          out[#out + 1] = {text = (n == 1 and before or indent) .. one.text .. (n == #inner and after or ''),
            piece = one.piece, line = one.line}
        end
      else
        out[#out + 1] = {text = l, piece = piece, line = i}
      end
    end
  end
  open[chunk] = nil
  chunk.lines = out
  return out
end

local function text_of(chunk)
  local out = {}
  for i, l in ipairs(expand(chunk)) do
    out[i] = l.text:gsub('[ \t]+$', '')
  end
  return table.concat(out, '\n') .. '\n'
end

local languages = {c = 'c', h = 'c', S = 'gnuassembler', patch = 'diff', diff = 'diff', sh = 'bash', py = 'python',
  exp = 'tcl', awk = 'awk', lua = 'lua'}

local function language(root)
  local base = root.name:match('[^/]*$')
  if base == 'Kbuild' or base == 'Makefile' then
    return 'makefile'
  end
  local first = root.lines[1] and root.lines[1].text or ''
  return languages[base:match('%.(%w+)$')] or first:match('^#!.*expect') and 'tcl' or first:match('^#!.*sh') and 'bash' or ''
end

local roots = {}
local function find_roots()
  for _, name in ipairs(names) do
    local chunk = chunks[name]
    expand(chunk)
    if #chunk.users == 0 then
      roots[#roots + 1] = chunk
    end
  end
  for _, root in ipairs(roots) do
    local lang, world, todo = language(root), root.name:match('^[^/]*'), {root}
    while #todo > 0 do
      local chunk = table.remove(todo)
      if not chunk.root then
        chunk.root, chunk.lang, chunk.world = root, lang, world
        for _, piece in ipairs(chunk.pieces) do
          for _, use in ipairs(piece) do
            todo[#todo + 1] = chunks[use.name]
          end
        end
      end
    end
  end
end

---------------------------------------------------------------------- identifiers

local idents = {}
local space_of = {struct = 't', union = 't', enum = 't', member = 'm'}
local wanted = {['function'] = true, macro = true, struct = true, union = true, enum = true, enumerator = true,
  typedef = true, variable = true, member = true, label = true}

-- The first sentence of the comment above line n of a piece, without its label.
local function comment_above(piece, n)
  local lines, out = piece.block.lines, {}
  if n == 1 or not lines[n - 1]:match('%*/%s*$') then
    return ''
  end
  for i = n - 1, 1, -1 do
    table.insert(out, 1, (lines[i]:gsub('^%s*/?%*+/?%s*', ''):gsub('%s*%*/%s*$', '')))
    if lines[i]:match('^%s*/%*') then
      break
    end
  end
  local text = table.concat(out, ' '):gsub('%s+', ' '):gsub('^%s*%u:%d%d%d:%s*', '')
  return text:match('^(.-%.)%s') or text:match('^%s*(.-)%s*$')
end

local function read_tags()
  local unique, files, seen = id_maker(), {}, {}
  for _, root in ipairs(roots) do
    files[root.name] = root
  end
  for l in (M.slurp(os.getenv('TAGS')) or ''):gmatch('[^\n]+') do
    local name, file, number, rest = l:match('^([^\t!]+)\t([^\t]+)\t(%d+);"\t(.*)$')
    local kind = rest and rest:match('kind:(%w+)')
    if kind == 'define' then
      kind = 'macro'
    end
    local root = file and files[file]
    local line = root and root.lines[tonumber(number)]
    if line and wanted[kind] and name:match('^[%a_][%w_]*$') and not (file:match('%.h$') and name:match('^[%u%d_]+_H_*$'))
      and line.text:find(name, 1, true) then
      local scope = kind == 'member' and (rest:match('struct:([%w_]+)') or rest:match('union:([%w_]+)'))
      local piece = line.piece
      -- A chunk that two files of one world use defines its names once.
      local key = ('%s %s:%d %s'):format(root.name:match('^[^/]*'), tostring(piece), line.line, name)
      if not (kind == 'member' and (not scope or scope:match('^__anon'))) and not name:match('^__anon') and not seen[key] then
        seen[key] = true
        local space = space_of[kind] or 'o'
        local id = unique('def-' .. (space == 't' and kind .. '-' or '') .. (scope and space == 'm' and scope .. '-' or '') .. name)
        local ident = {name = name, kind = kind, space = space, scope = scope, world = root.name:match('^[^/]*'), id = id,
          file = root.name, piece = piece, line = line.line, users = {}, href = piece.page.href .. '#' .. id,
          text = line.text:gsub('^%s+', ''):gsub('%s+', ' '):gsub(' {$', '')}
        local comment = kind ~= 'member' and comment_above(piece, line.line) or ''
        if comment ~= '' and not ident.text:find('/*', 1, true) then
          ident.text = ident.text .. ' \u{2014} ' .. comment
        end
        idents[#idents + 1] = ident
        piece.defines[#piece.defines + 1] = ident
      end
    end
  end
end

-- worlds[w][space][name]: the definition that this name means in the sources of world w; false: several.
local worlds = {}
local ours = {}       -- name -> true, when it means something anywhere
local function sort_idents()
  local function put(world, ident)
    worlds[world] = worlds[world] or {o = {}, t = {}, m = {}}
    local space = worlds[world][ident.space]
    local other = space[ident.name]
    if other == nil then
      space[ident.name] = ident
    elseif ident.space == 'm' and other and other.scope ~= ident.scope then
      space[ident.name] = false
    end
  end
  local all = {doc = true}
  for _, root in ipairs(roots) do
    all[root.name:match('^[^/]*')] = true
  end
  for _, ident in ipairs(idents) do
    ours[ident.name] = true
  end
  for _, world in ipairs(keys(all)) do
    for _, ident in ipairs(idents) do
      if ident.world == world then
        put(world, ident)
      end
    end
    for _, ident in ipairs(idents) do
      if ident.world == 'include' and world ~= 'include' or world == 'doc' then
        put(world, ident)
      end
    end
  end
end

local function meaning(world, line, at, word)
  local w = worlds[world]
  if not w then
    return nil
  end
  local before = line:sub(1, at - 1)
  if before:match('%->%s*$') or before:match('[^.]%.%s*$') or before:match('^%.$') then
    return w.m[word]
  elseif before:match('%f[%w]struct%s+$') or before:match('%f[%w]union%s+$') or before:match('%f[%w]enum%s+$') then
    return w.t[word]
  end
  return w.o[word]
end

-- What the page's code and prose may link to.
local function collect(page)
  local found = {}
  local function note(world, ident)
    local known = found[world]
    if not known then
      known = {o = {}, t = {}, m = {}}
      found[world] = known
    end
    known[ident.space][ident.name] = known[ident.space][ident.name] or {href = ident.href, tip = ident.text, kind = ident.kind,
      at = ident.file .. ' \u{b7} ' .. ident.piece.number, number = ident.piece.number}
  end
  for _, piece in ipairs(page.pieces) do
    local world = piece.chunk.world
    for _, l in ipairs(piece.block.lines) do
      for at, word in l:gmatch('()([%a_][%w_]*)') do
        local ident = ours[word] and meaning(world, l, at, word)
        if ident then
          note(world, ident)
          if ident.piece ~= piece and ident.users[#ident.users] ~= piece then
            ident.users[#ident.users + 1] = piece
          end
        end
      end
    end
  end
  local seen = {}
  for _, block in ipairs(page.blocks) do
    local lines = block.kind == 'docs' and block.lines or {block.name}
    for _, l in ipairs(lines) do
      for word in l:gmatch('[%a_][%w_]*') do
        if ours[word] and not seen[word] then
          seen[word] = true
          for _, space in ipairs{'o', 't', 'm'} do
            local ident = worlds.doc and worlds.doc[space][word]
            if ident then
              note('doc', ident)
            end
          end
        end
      end
    end
  end
  return found
end

---------------------------------------------------------------------- what the pages show of the whole

local function part_blurb(letter)
  return (M.slurp(weave .. '/parts') or ''):match('%f[^%z\n]' .. letter .. ' ([^\n]*)') or ''
end

local function section_link(s)
  return '<a href="' .. s.page.href .. '#' .. s.id .. '"><span class="label">' .. s.label .. '</span> <span>'
    .. inline(s.title) .. '</span></a>'
end

local backmatter = {}

local function contents(current)
  local out = {'<ul class="tree">'}
  local function add(...) out[#out + 1] = table.concat{...} end
  for _, part in ipairs(parts) do
    local here = current and current.letter == part.letter
    add('<li><details', here and ' open' or '', '><summary><span class="label">', part.letter, '</span> ', escape(part.name),
      '</summary>\n<ol>')
    for _, page in ipairs(part.pages) do
      add('<li><a href="', page.href, '"', page == current and ' aria-current="page"' or '', '>', inline(page.title), '</a>')
      if page == current then
        local list = {}
        for _, s in ipairs(page.sections) do
          if s.label then
            list[#list + 1] = '<li>' .. section_link(s) .. '</li>'
          end
        end
        if #list > 0 then
          add('\n<ol class="sections">\n', table.concat(list, '\n'), '\n</ol>')
        end
      end
      add('</li>')
    end
    add('</ol></details></li>')
  end
  for _, page in ipairs(backmatter) do
    add('<li><a href="', page.href, '"', page == current and ' aria-current="page"' or '', '>', page.title, '</a></li>')
  end
  add('</ul>')
  return table.concat(out, '\n')
end

local function cover()
  local out = {}
  local function add(...) out[#out + 1] = table.concat{...} end
  add('<p class="start">')
  if pages[1] then
    add('<a class="button" href="', pages[1].href, '">Begin the journey</a>')
  end
  add('</p>\n<section aria-labelledby="contents"><h2 id="contents">Contents</h2>')
  for _, part in ipairs(parts) do
    add('<section class="part" id="', part.letter, '"><h3><span class="label">', part.letter, '</span> ', escape(part.name),
      '</h3>\n<p class="blurb">', escape(part_blurb(part.letter)), '</p>\n<ol>')
    for _, page in ipairs(part.pages) do
      add('<li><a class="chapter" href="', page.href, '">', inline(page.title), '</a>')
      local list = {}
      for _, s in ipairs(page.sections) do
        if s.label then
          list[#list + 1] = '<li>' .. section_link(s) .. '</li>'
        end
      end
      if #list > 0 then
        add('<ol class="sections">\n', table.concat(list, '\n'), '\n</ol>')
      end
      add('</li>')
    end
    add('</ol></section>')
  end
  add('<section class="part" id="back"><h3>To look things up</h3>\n<ol>')
  for _, page in ipairs(backmatter) do
    add('<li><a class="chapter" href="', page.href, '">', page.title, '</a></li>')
  end
  add('</ol></section>\n</section>')
  return table.concat(out, '\n')
end

local function numbers(pieces)
  local out = {}
  for i, piece in ipairs(pieces) do
    out[i] = '<a href="' .. piece.href .. '">' .. piece.number .. '</a>'
  end
  return table.concat(out, ' ')
end

-- A list whose entries stand under their first letters. entries: {key, html}
local function lettered(entries, id)
  table.sort(entries, function(a, b)
    local x, y = a.key:lower(), b.key:lower()
    return x < y or x == y and a.order < b.order
  end)
  local out, letters, last = {}, {}, nil
  for _, e in ipairs(entries) do
    local letter = e.key:sub(1, 1):upper()
    if not letter:match('%a') then
      letter = '_'
    end
    if letter ~= last then
      out[#out + 1] = (last and '</dl>\n' or '') .. '<h3 id="' .. id .. '-' .. letter .. '">' .. letter .. '</h3>\n<dl class="index">'
      letters[#letters + 1] = '<a href="#' .. id .. '-' .. letter .. '">' .. letter .. '</a>'
      last = letter
    end
    out[#out + 1] = e.html
  end
  if not last then
    return '<p>None yet.</p>'
  end
  return '<p class="letters">' .. table.concat(letters, ' ') .. '</p>\n' .. table.concat(out, '\n') .. '\n</dl>'
end

local function identifier_index()
  local entries = {}
  for i, ident in ipairs(idents) do
    local what = ident.kind .. (ident.scope and ident.space == 'm' and ' of <code>' .. ident.scope .. '</code>' or '')
    entries[i] = {key = ident.name:gsub('^_+', ''), order = i, html = '<dt><a href="' .. ident.href .. '"><code>' .. ident.name
      .. '</code></a> <span class="kind">' .. what .. ', <code>' .. escape(ident.file) .. '</code></span></dt>\n<dd><a class="main" href="'
      .. ident.piece.href .. '">' .. ident.piece.number .. '</a>'
      .. (#ident.users > 0 and ' <span class="kind">used in</span> ' .. numbers(ident.users) or '') .. '</dd>'}
  end
  return lettered(entries, 'letter')
end

-- The kinds of chunk, by their names.
local function kind_of(chunk)
  local name = chunk.name
  if #chunk.users == 0 then
    return 'files'
  end
  local kind = name:match('^(%a+) %[%[')
  local kinds = {['function'] = 'functions', struct = 'structures', enum = 'structures', constant = 'constants',
    macro = 'constants', hypercall = 'hypercalls'}
  return kinds[kind] or name:match('^%[%[') and 'growth' or 'steps'
end

local kind_titles = {{'files', 'Files'}, {'structures', 'Structures'}, {'functions', 'Functions'}, {'hypercalls', 'Hypercalls'},
  {'constants', 'Constants'}, {'growth', 'What grows from chapter to chapter'}, {'steps', 'Steps'}}

local function chunk_index()
  local by, out = {}, {}
  for i, name in ipairs(names) do
    local chunk = chunks[name]
    local kind = kind_of(chunk)
    by[kind] = by[kind] or {}
    local key = name:gsub('^%a+ %[%[', '[['):gsub('[%[%]]', '')
    by[kind][#by[kind] + 1] = {key = key, order = i, html = '<dt><a href="' .. chunk.pieces[1].href .. '">' .. M.name(name)
      .. '</a> <span class="kind">' .. numbers(chunk.pieces) .. '</span></dt>\n<dd>'
      .. (#chunk.users > 0 and '<span class="kind">used in</span> ' .. numbers(chunk.users) or '') .. '</dd>'}
  end
  for _, t in ipairs(kind_titles) do
    if by[t[1]] then
      out[#out + 1] = '<h2 id="' .. t[1] .. '">' .. t[2] .. '</h2>'
      if #by[t[1]] > 30 then
        out[#out + 1] = lettered(by[t[1]], t[1])
      else
        table.sort(by[t[1]], function(a, b) return a.key:lower() < b.key:lower() or a.key:lower() == b.key:lower() and a.order < b.order end)
        out[#out + 1] = '<dl class="index">'
        for _, e in ipairs(by[t[1]]) do
          out[#out + 1] = e.html
        end
        out[#out + 1] = '</dl>'
      end
    end
  end
  return #out > 0 and table.concat(out, '\n') or '<p>None yet.</p>'
end

---------------------------------------------------------------------- terms, exercises, numbers that moved

-- visit(TEXT, SECTION, LINE) for each paragraph, item of a list and row of a table.
local function each_paragraph(page, visit)
  for _, s in ipairs{page, table.unpack(page.sections)} do
    local text, line = {}, nil
    local function flush()
      if #text > 0 then
        visit(table.concat(text, ' '), s, line)
      end
      text = {}
    end
    for _, l in ipairs(s.prose) do
      local row = l.text:match('^%s*|(.*)|%s*$')
      local item = l.text:match('^%s*%d+%. +(.*)') or l.text:match('^%s*[-*+] +(.*)') or l.text:match('^%s*:%s+(.*)')
      if row or item or l.text:match('^%s*$') or l.text:match('^:::') then
        flush()
      end
      if #text == 0 then
        line = l.line
      end
      if row then
        text[1] = row:gsub('^%s*(.-)%s*|%s*', '%1: ', 1):gsub('%s*|%s*', ', '):gsub('[, ]*$', '.')
        flush()
      elseif not l.text:match('^%s*$') and not l.text:match('^:::') then
        text[#text + 1] = (item or l.text):gsub('^%s+', '')
      end
    end
    flush()
  end
end

-- The sentences of a paragraph.
local function sentences(text)
  local out = {}
  for sentence in (text .. ' '):gsub('([.?!:][*)"]*) (%(?%f[%u])', '%1\n%2'):gmatch('[^\n]+') do
    out[#out + 1] = sentence:gsub('%s+$', '')
  end
  return out
end

-- Each word that a chapter sets **bold**, with the sentence that does it and the next one. The first place is the one.
local terms = {}        -- slug -> {word, meaning, page, within}
local function find_terms()
  for _, page in ipairs(pages) do
    each_paragraph(page, function(text, section)
      local list
      -- In code two stars are two stars.
      for word in text:gsub(M.QUOTE .. '.-' .. M.ETOUQ, ''):gsub('`[^`]*`', ''):gmatch('%*%*(%a[^*]*)%*%*') do
        local slug = M.term(word)
        -- A word, not a whole sentence that is to be heard.
        if not word:find('[.!?:]') and not terms[slug] then
          list = list or sentences(text)
          for i, sentence in ipairs(list) do
            if sentence:find('**' .. word .. '**', 1, true) then
              -- What is told in brackets ends with them.
              local meaning = sentence:match('^%((.*)%)$') or sentence .. ' ' .. (list[i + 1] or '')
              terms[slug] = {word = word, page = page, within = section.within or page.letter .. ':' .. page.number,
                meaning = meaning:gsub('^%((.*)%)$', '%1'):gsub('%s+$', ''):gsub(':$', '.')}
              break
            end
          end
        end
      end
    end)
  end
end

local function glossary()
  local out = {'The words of this book, each with the sentence that introduces it and where that stands.\n'}
  for _, slug in ipairs(keys(terms)) do
    local t = terms[slug]
    out[#out + 1] = t.word .. '\n:   ' .. t.meaning .. ' ([' .. t.within .. '](' .. t.page.href .. '#intro-' .. slug .. '))\n'
  end
  return #out > 1 and table.concat(out, '\n') or nil
end

-- The index of subjects: each term with the section that introduces it and those that speak of it most, and what a chapter
-- marks as [words]{.index} or [words]{.index term="subject"}.
local function subject_index()
  local entries, by = {}, {}
  local function entry(key)
    local e = by[key:lower()]
    if not e then
      e = {key = key, order = #entries, list = {}, seen = {}}
      by[key:lower()] = e
      entries[#entries + 1] = e
    end
    return e
  end
  local all = {}
  for _, page in ipairs(pages) do
    for _, s in ipairs(page.sections) do
      if s.label then
        local text = (' ' .. plain(s.title) .. ' ' .. plain(s.title) .. ' ' .. plain(table.concat(s.text, ' '))):lower():gsub('[^%w_]+', ' ')
        all[#all + 1] = {section = s, text = text .. ' ', order = #all}
      end
    end
  end
  for _, slug in ipairs(keys(terms)) do
    local t, found = terms[slug], {}
    local e = entry(t.word)
    e.main = '<a class="main" href="' .. t.page.href .. '#intro-' .. slug .. '">' .. t.within .. '</a>'
    local word = ' ' .. t.word:lower():gsub('[^%w_]+', ' '):gsub('s$', '')
    for _, one in ipairs(all) do
      local count, at = 0, 1
      while true do
        local from, to = one.text:find(word, at, true)
        if not from then
          break
        end
        if one.text:find('^s? ', to + 1) then
          count = count + 1
        end
        at = to + 1
      end
      if count > 1 and one.section.label ~= t.within then
        found[#found + 1] = {count = count, one = one}
      end
    end
    table.sort(found, function(a, b) return a.count > b.count or a.count == b.count and a.one.order < b.one.order end)
    local best = table.move(found, 1, math.min(#found, 8), 1, {})
    table.sort(best, function(a, b) return a.one.order < b.one.order end)
    for _, f in ipairs(best) do
      e.list[#e.list + 1] = f.one.section
    end
  end
  for _, page in ipairs(pages) do
    for _, mark in ipairs(page.marks) do
      table.insert(entry(mark.key).list, mark.section)
    end
  end
  for _, e in ipairs(entries) do
    local links = {e.main}
    for _, s in ipairs(e.list) do
      if not e.seen[s] then
        e.seen[s] = true
        local page = s.page or s
        links[#links + 1] = '<a href="' .. page.href .. (s.id and s.page and '#' .. s.id or '') .. '" title="' .. escape(plain(s.title)) .. '">'
          .. (s.label or s.within or page.label) .. '</a>'
      end
    end
    e.html = '<dt>' .. inline(e.key) .. '</dt>\n<dd>' .. table.concat(links, ' ') .. '</dd>'
  end
  return lettered(entries, 'subject')
end

-- The exercises of all chapters: what begins with a number, in a section that is called so.
local function exercises()
  local out = {}
  if #graded > 0 then
    out[1] = 'First those that a program grades: change the system, and `make grade` boots it and says how far it is ([W:400](#W-400)).\n\n'
      .. '| | | | minutes | points |\n|:--|:-----------------------------------|:------|------:|------:|'
    for _, e in ipairs(graded) do
      out[#out + 1] = ('| [%s](#%s) | %s | %s | %s | %s |'):format(e.id, e.id, e.title, e.level, e.minutes, e.points)
    end
    out[#out + 1] = '\nThe questions of all chapters are for you alone. Each is here with its first words.\n'
  else
    out[1] = 'The exercises of all chapters, each with its first words.\n'
  end
  local before = #out
  for _, page in ipairs(pages) do
    local list, inside = {}, {}
    for _, s in ipairs(page.sections) do
      inside[s] = s.title:match('^Exercises') ~= nil
      for _, l in ipairs(inside[s] and s.prose or {}) do
        local text = l.text:match('^%d+%. +(.*)')
        if text then
          list[#list + 1] = {text}
        elseif #list > 0 and l.text ~= '' then
          table.insert(list[#list], (l.text:gsub('^%s+', '')))
        end
      end
    end
    if #list > 0 then
      out[#out + 1] = '## [' .. page.letter .. ':' .. page.number .. '](' .. page.href .. ') ' .. page.title .. ' {#exercises-' .. page.id .. '}\n'
      for i, lines in ipairs(list) do
        local said = sentences(table.concat(lines, ' '))
        -- The first sentence may be how hard it is, or a title.
        local words = not said[1]:find(' %S+ %S+ ') and said[2] and said[1] .. ' ' .. said[2] or said[1]
        out[#out + 1] = i .. '. ' .. words .. ' [\u{2192}](' .. page.href .. '#' .. page.id .. '-exercise-' .. i .. '){.to aria-label="to the exercise"}'
      end
      out[#out + 1] = ''
    end
  end
  return (#out > before or #graded > 0) and table.concat(out, '\n') or nil
end

-- Where each number went: the lines OLD NEW of journey/moved. A link to an old number leads to the new one.
local moved = {}        -- list of {old, new (sections' ids)}
local function read_moved()
  local by, line = {}, 0
  for l in ((M.slurp(os.getenv('TREE') .. '/journey/moved') or '') .. '\n'):gmatch('([^\n]*)\n') do
    line = line + 1
    local text = l:gsub('#.*', '')
    local old, new = text:match('^%s*(%u:%d%d%d)%s+(%u:%d%d%d)%s*$')
    if old then
      old, new = old:gsub(':', '-'), new:gsub(':', '-')
      by[old] = {old = old, new = new, line = line}
      moved[#moved + 1] = by[old]
    elseif text:match('%S') then
      fault('journey/moved', line, 'a line is OLD NEW: the label that a section had, and the one that it has now')
    end
  end
  for _, m in ipairs(moved) do
    local seen = {}
    while by[m.new] and not sections[m.new] and not seen[m.new] do
      seen[m.new] = true
      m.new = by[m.new].new
    end
    if not sections[m.new] then
      fault('journey/moved', m.line, 'there is no section ' .. m.new:gsub('-', ':') .. ', write its number of today')
    end
  end
  for _, m in ipairs(moved) do
    m.stays = sections[m.old] ~= nil
    sections[m.old] = sections[m.old] or sections[m.new]
  end
end

local function moved_table()
  local out = {'<p>Sections that have changed their number since readers first met them.</p>\n<table class="moved">\n<thead><tr><th>Once</th><th>Now</th></tr></thead>\n<tbody>'}
  table.sort(moved, function(a, b) return a.old < b.old end)
  for _, m in ipairs(moved) do
    local s = sections[m.new]
    out[#out + 1] = '<tr' .. (m.stays and '' or ' id="' .. m.old .. '"') .. '><td>' .. m.old:gsub('-', ':') .. '</td><td><a href="' .. s.page.href
      .. '#' .. s.id .. '"><span class="label">' .. s.label .. '</span> ' .. inline(s.title) .. '</a></td></tr>'
  end
  out[#out + 1] = '</tbody>\n</table>'
  return table.concat(out, '\n')
end

---------------------------------------------------------------------- writing

local function neighbour(page)
  return page and {href = page.href, title = plain(page.title)}
end

-- The part of the pipeline that is this page.
local function stream(page)
  local out = {'@file ' .. page.href}
  local function add(l) out[#out + 1] = l end
  for _, block in ipairs(page.blocks) do
    add('@begin ' .. block.kind .. ' 0')
    if block.name then
      add('@defn ' .. block.name)
      add('@nl')
    end
    for _, l in ipairs(block.lines) do
      add('@text ' .. l)
      add('@nl')
    end
    add('@end ' .. block.kind .. ' 0')
  end
  return table.concat(out, '\n') .. '\n'
end

-- The file of ours that a chunk means by #include "name" or <name>. Linux sees our shared headers as <linux/name>.
local function included(chunk, how, name)
  local beside = how == '"' and chunk.root.name:gsub('[^/]*$', '') .. name
  local shared = 'include/' .. name:gsub('^linux/', '')
  for _, root in ipairs(roots) do
    if root.name == beside or root.name == shared and (how == '"' or name:match('^linux/'))
      or how == '<' and root.name:sub(-#name - 9) == '/include/' .. name then
      return root
    end
  end
end

local function write_page(page, extra)
  local ctx = {id = page.id, href = page.href, title = plain(page.title), heading = inline(page.title), file = page.file,
    letter = page.letter, part = page.part, label = page.letter and page.letter .. ':' .. page.number,
    prev = neighbour(page.before), next = neighbour(page.after), nav = contents(page),
    sections = {}, chunks = {}, files = {}, pieces = {}, terms = {}, introduces = {}, dead = {}, idents = collect(page)}
  for k, v in pairs(extra or {}) do
    ctx[k] = v
  end
  local function point(piece)
    return {href = piece.href, number = piece.number}
  end
  local function chunk_link(name)
    local chunk = chunks[name]
    if chunk then
      ctx.chunks[name] = point(chunk.pieces[1])
    end
  end
  for _, block in ipairs(page.blocks) do
    for _, l in ipairs(block.lines) do
      for letter, number in l:gmatch('%f[%u](%u)[:-](%d%d%d)%f[%D]') do
        local s = sections[letter .. '-' .. number]
        if s then
          ctx.sections[letter .. '-' .. number] = {href = s.page.href .. '#' .. s.id, title = plain(s.title)}
        end
      end
      for name in l:gmatch(M.USE .. '(.-)' .. M.ESU) do
        chunk_link(name)
      end
      if block.kind == 'docs' then
        for name in l:gmatch('<<(.-)>>') do
          chunk_link((name:gsub(M.QUOTE, '[['):gsub(M.ETOUQ, ']]')))
        end
      end
    end
  end
  for _, l in ipairs(page.links or {}) do
    ctx.dead[l.id] = l.dead
    if sections[l.id] then
      ctx.sections[l.id] = {href = sections[l.id].page.href .. '#' .. sections[l.id].id, title = plain(sections[l.id].title)}
    end
    local slug = l.id:match('^term%-(.*)$')
    slug = slug and M.find_term(terms, slug)
    if slug then
      ctx.terms[l.id] = {href = 'glossary.html#term-' .. slug, tip = plain(terms[slug].meaning)}
    end
  end
  for slug, t in pairs(terms) do
    if t.page == page then
      ctx.introduces[slug] = 'intro-' .. slug
    end
  end
  for _, piece in ipairs(page.pieces) do
    for _, l in ipairs(piece.block.lines) do
      local how, name = l:match('^%s*#%s*include%s+([<"])([^>"]+)')
      local root = name and included(piece.chunk, how, name)
      if root then
        ctx.files[how .. name] = {href = root.pieces[1].href, name = root.name}
      end
    end
  end
  for i, piece in ipairs(page.pieces) do
    local chunk = piece.chunk
    local p = {id = piece.id, name = chunk.name, number = piece.number, nth = piece.nth, of = #chunk.pieces,
      text = chunk.pieces[1].page.id .. ' ' .. chunk.pieces[1].id, lang = chunk.lang or '', world = chunk.world or '',
      root = #chunk.users == 0, uses = {}, pieces = {}, defines = {}}
    for n, other in ipairs(chunk.pieces) do
      p.pieces[n] = point(other)
    end
    for n, user in ipairs(chunk.users) do
      p.uses[n] = point(user)
      p.uses[n].name = user.chunk.name
    end
    for n, ident in ipairs(piece.defines) do
      p.defines[n] = {name = ident.name, id = ident.id, line = ident.line, kind = ident.kind, tip = ident.text, file = ident.file}
    end
    ctx.pieces[i] = p
  end
  M.write(pages_dir .. '/' .. page.id .. '.markup', stream(page))
  M.write(pages_dir .. '/' .. page.id .. '.lua', 'return ' .. M.dump(ctx) .. '\n')
end

local function write_texts(page)
  local out = {}
  for _, piece in ipairs(page.pieces) do
    if piece.nth == 1 then
      out[#out + 1] = M.js(piece.id) .. ':' .. M.js(text_of(piece.chunk))
    end
  end
  M.write(book .. '/text/' .. page.id .. '.js', 'journey.texts({' .. table.concat(out, ',\n') .. '})\n')
end

-- The pages among which to search; each has its own script, search/PAGE.js, which pages.lua writes.
local function write_search()
  local out = {}
  for i, page in ipairs(pages) do
    out[i] = M.js(page.id)
  end
  M.write(book .. '/search.js', 'journey.pages([' .. table.concat(out, ',\n') .. '])\n')
end

local function back(id, title)
  local page = {id = id, href = id .. '.html', title = title, blocks = {}, pieces = {}, sections = {}, links = {}}
  return page
end

function Reader(input)
  for _, chapter in ipairs(M.parse(tostring(input))) do
    read_chapter(chapter)
  end
  link_chunks()
  find_terms()
  read_moved()
  for _, page in ipairs(pages) do
    for _, link in ipairs(page.links) do
      local term = link.id:match('^term%-(.*)$')
      if term and not M.find_term(terms, term) then
        fault(page.file, link.line, 'no chapter introduces the term ' .. term .. ', set it **bold** in the sentence that does')
      elseif not term and not page.ids[link.id] and not sections[link.id] then
        io.stderr:write(page.file, ':', link.line, ': warning: no place is called ', link.id, ', this is no link\n')
        link.dead = true
      end
    end
  end
  if failed then
    os.exit(1)
  end
  find_roots()
  read_tags()
  sort_idents()

  local index, list = back('index', 'the lguest Journey'), {}
  local function prose_page(id, title, text)
    if text then
      local page, lines = back(id, title), {}
      for l in (text .. '\n'):gmatch('([^\n]*)\n') do
        lines[#lines + 1] = l
        for id in l:gmatch('%]%(#([%w_-]+)%)') do
          page.links[#page.links + 1] = {id = id}
        end
      end
      page.blocks = {{kind = 'docs', line = 1, lines = lines}}
      backmatter[#backmatter + 1] = page
    end
  end
  prose_page('glossary', 'Glossary', glossary())
  prose_page('exercises', 'Exercises', exercises())
  backmatter[#backmatter + 1] = back('subjects', 'Index of subjects')
  backmatter[#backmatter + 1] = back('chunks', 'Index of chunks')
  backmatter[#backmatter + 1] = back('identifiers', 'Index of identifiers')
  if #moved > 0 then
    backmatter[#backmatter + 1] = back('moved', 'Where each number went')
  end
  list[1] = index
  for _, page in ipairs(pages) do list[#list + 1] = page end
  for _, page in ipairs(backmatter) do list[#list + 1] = page end
  for i, page in ipairs(list) do
    page.before, page.after = list[i - 1], list[i + 1]
  end
  for _, page in ipairs(pages) do
    write_page(page)
    write_texts(page)
  end
  -- The index of identifiers tells their uses, which the pages have only now counted.
  write_page(index, {body = cover(), cover = true})
  for _, page in ipairs(backmatter) do
    write_page(page, {body = page.id == 'subjects' and subject_index() or page.id == 'chunks' and chunk_index() or page.id == 'identifiers' and identifier_index()
      or page.id == 'moved' and moved_table() or nil})
  end
  write_search()
  -- What forms.py must know of each page: its name, its part's letter and name, its number, its title as HTML.
  local out = {}
  for i, page in ipairs(list) do
    out[i] = table.concat({page.id, page.letter or '', page.part or '', page.letter and page.letter .. ':' .. page.number or '',
      inline(page.title)}, '\t') .. '\n'
  end
  M.write(pages_dir .. '/outline', table.concat(out))
  for i, page in ipairs(list) do
    out[i] = page.id
  end
  M.write(pages_dir .. '/plots', table.concat(plots))
  M.write(pages_dir .. '/list', table.concat(out, '\n') .. '\n')
  return pandoc.Pandoc{}
end
