-- SPDX-License-Identifier: GPL-2.0-only
--
-- html(CONTEXT, DOC): make HTML of what chapter.lua read: chunks with their links, identifiers that lead to their
-- definitions, terminals, pictures. CONTEXT is what survey.lua says that the page must know of the others. Returns the
-- page's body, and as JavaScript its chunks, which the book's script shows where they are used.

local M = dofile(os.getenv('WEAVE') .. '/common.lua')
local escape = M.escape
local plot = dofile(os.getenv('WEAVE') .. '/plot.lua')
local draw = dofile(os.getenv('WEAVE') .. '/draw.lua')
local tokens = dofile(os.getenv('WEAVE') .. '/highlight.lua')

local none = {o = {}, t = {}, m = {}}

-- What belongs to the page that is being made.
local ctx, scripts, pictures, blocks

local function link(ident, text)
  return '<a class="id" href="' .. ident.href .. '" title="' .. escape(ident.tip .. '  (' .. ident.at .. ')') .. '">' .. text .. '</a>'
end

-- H:122 in text becomes a link to the section, when there is one.
local function section_links(text)
  return (text:gsub('%f[%w](%u):(%d%d%d)%f[%D]', function(letter, number)
    local s = ctx.sections[letter .. '-' .. number]
    return s and '<a class="sec" href="' .. s.href .. '" title="' .. escape(s.title) .. '">' .. letter .. ':' .. number .. '</a>'
  end))
end

-- A comment or a string is prose, where a word is an identifier only if it looks like one.
local function looks_like_code(word, after)
  return after == '(' or word:find('_', 2, true) or word:match('^%u[%u%d]+$') and #word > 3
end

local function use(name)
  local chunk = ctx.chunks[name]
  return '<a class="use" href="' .. chunk.href .. '">\u{27E8}' .. M.name(name) .. ' <span class="num">' .. chunk.number .. '</span>\u{27E9}</a>'
end

-- What an identifier means, by what stands before it.
local function meaning(known, before, word)
  if before:match('%->%s*$') or before:match('[^.]%.$') or before == '.' then
    return known.m[word]
  elseif before:match('%f[%w]struct%s+$') or before:match('%f[%w]union%s+$') or before:match('%f[%w]enum%s+$') then
    return known.t[word]
  end
  return known.o[word]
end

-- Code as HTML, with its chunk uses, its sections and its identifiers linked. defines: line number -> (name -> id).
-- uses: a list that gets the names of what is linked.
local function highlight(text, lang, world, defines, uses)
  local known = ctx.idents[world] or none
  local out, line_number, line = {}, 1, ''
  local function piece(class, part)
    local prose = class == 'co' or class == 'st' and lang == 'diff'
    -- A variable of the shell's has nothing to do with a macro of its name.
    local links = class ~= 'st' and class ~= 'im' and class ~= 'va'
    local at = 1
    while at <= #part do
      local name, past = part:match('^' .. M.USE .. '(.-)' .. M.ESU .. '()', at)
      local section = not name and part:match('^%u:%d%d%d%f[%D]', at)
      local word = not name and not section and part:match('^[%a_][%w_]*', at)
      local token
      if name then
        token = use(name)
        line = line .. ' '
      elseif section then
        past, token, line = at + #section, section_links(section), line .. section
      elseif word then
        past, token = at + #word, word
        local defined = defines and defines[line_number]
        if defined and defined[word] then
          token = '<dfn id="' .. defined[word] .. '">' .. word .. '</dfn>'
          defined[word] = nil
        elseif links then
          local ident = meaning(known, line, word)
          if ident and (not prose or looks_like_code(word, part:sub(past, past))) then
            token = link(ident, word)
            if uses then
              uses[#uses + 1] = {name = word, ident = ident}
            end
          end
        end
        line = line .. word
      else
        local other = part:match('^[^%a_\n\238]+', at) or part:sub(at, at)
        -- Digits belong to what follows them: 0x1f is no identifier.
        past, token = at + #other, escape(other)
        if other:find('%d$') then
          local rest = part:match('^[%w_]+', past)
          if rest then
            past, token = past + #rest, token .. rest
          end
        end
        line = line .. other
        if other == '\n' then
          line_number, line = line_number + 1, ''
        end
      end
      out[#out + 1] = token
      at = past
    end
  end
  for _, t in ipairs(tokens(text, lang)) do
    local class, part = t[1], t[2]
    if class then
      out[#out + 1] = '<span class="' .. class .. '">'
    end
    local file = (class == 'im' or class == 'pp') and ctx.files[part:match('["<][^">]*') or '']
    if file then
      out[#out + 1] = '<a class="id" href="' .. file.href .. '" title="' .. escape(file.name) .. '">' .. escape(part) .. '</a>'
      line = line .. part
    else
      piece(class, part)
    end
    if class then
      out[#out + 1] = '</span>'
    end
  end
  return table.concat(out)
end

local function refs(points, sep)
  local out = {}
  for i, p in ipairs(points) do
    out[i] = '<a href="' .. p.href .. '"' .. (p.name and ' title="' .. escape(p.name:gsub('[%[%]]', '')) .. '"' or '') .. '>' .. p.number .. '</a>'
  end
  return table.concat(out, sep or ', ')
end

local function chunk(div)
  local p = ctx.pieces[tonumber(div.attributes.piece)]
  local defines = {}
  for _, d in ipairs(p.defines) do
    defines[d.line] = defines[d.line] or {}
    defines[d.line][d.name] = d.id
  end
  local here, uses, listed = {}, {}, {}
  for _, d in ipairs(p.defines) do
    here[d.name] = true
  end
  local code = highlight(div.content[1].text, p.lang, p.world, defines, uses)
  local out = {}
  local function add(...) out[#out + 1] = table.concat{...} end
  add('<figure class="chunk', p.root and ' file' or '', '" id="', p.id, '" data-text="', p.text, '">')
  add('<figcaption><a class="num" href="#', p.id, '">', p.number, '</a> <span class="name">\u{27E8}', M.name(p.name), '\u{27E9}',
    p.nth == 1 and '\u{2261}' or '+\u{2261}', '</span>')
  if p.of > 1 then
    local before, after = p.pieces[p.nth - 1], p.pieces[p.nth + 1]
    add('<span class="pieces">', before and '<a href="' .. before.href .. '" title="the piece before: ' .. before.number .. '">\u{25C2}</a>' or '',
      '<span>', tostring(p.nth), '/', tostring(p.of), '</span>',
      after and '<a href="' .. after.href .. '" title="the next piece: ' .. after.number .. '">\u{25B8}</a>' or '', '</span>')
  end
  add('</figcaption>')
  add('<pre', p.lang == 'diff' and ' class="diff"' or '', ' tabindex="0"><code>', code, '</code></pre>')
  local meta = {}
  if p.root then
    meta[1] = '<span>A file of the tangled tree</span>'
  elseif #p.uses > 0 then
    meta[1] = '<span>Used in ' .. refs(p.uses) .. '</span>'
  end
  if p.of > 1 then
    local others = {}
    for i, other in ipairs(p.pieces) do
      if i ~= p.nth then
        others[#others + 1] = other
      end
    end
    meta[#meta + 1] = '<span>' .. (p.nth == 1 and 'Continued in ' or 'Also in ') .. refs(others) .. '</span>'
  end
  if #p.defines > 0 then
    local list = {}
    for i, d in ipairs(p.defines) do
      list[i] = '<a href="#' .. d.id .. '"><code>' .. d.name .. '</code></a>'
    end
    meta[#meta + 1] = '<span>Defines ' .. table.concat(list, ', ') .. '</span>'
  end
  -- The index in the margin: where to find what is used here.
  for _, u in ipairs(uses) do
    if not here[u.name] and not listed[u.name] then
      listed[u.name] = true
      listed[#listed + 1] = '<a href="' .. u.ident.href .. '"><code>' .. u.name .. '</code> ' .. u.ident.number .. '</a>'
    end
  end
  if #listed > 0 then
    meta[#meta + 1] = '<span class="uses">Uses ' .. table.concat(listed, ', ') .. '</span>'
  end
  if #meta > 0 then
    add('<p class="meta">', table.concat(meta, ' '), '</p>')
  end
  add('</figure>')
  scripts[#scripts + 1] = M.js(p.id) .. ':' .. M.js(code:gsub(' id="[^"]*"', ''))
  return pandoc.RawBlock('html', table.concat(out, '\n'))
end

-- A picture's own ids must not meet those of another picture. With a caption it is drawn by the style sheet.
local function picture(html, caption, id)
  pictures = pictures + 1
  local prefix = ctx.id .. '-picture-' .. pictures
  local ids = {}
  for id in html:gmatch('%sid="([^"]+)"') do
    ids[id] = prefix .. '-' .. id
  end
  html = html:gsub('(%sid=")([^"]+)', function(a, id) return a .. ids[id] end)
    :gsub('(url%(#)([^)]+)', function(a, id) return a .. (ids[id] or id) end)
    :gsub('(href="#)([^"]+)', function(a, id) return a .. (ids[id] or id) end)
    :gsub('(aria%-%a+=")([^"]+)"', function(a, list)
      return a .. list:gsub('%S+', function(id) return ids[id] or id end) .. '"'
    end)
  if html:find('<figure', 1, true) then
    return html
  elseif caption then
    return '<figure class="picture drawn" tabindex="0" id="' .. (id or prefix) .. '">\n' .. html .. '\n<figcaption>' .. caption .. '</figcaption>\n</figure>'
  end
  return '<figure class="picture' .. (html:find('currentColor', 1, true) and '' or ' paper') .. '" id="' .. prefix .. '">\n' .. html .. '\n</figure>'
end

local function code_block(block)
  blocks = blocks + 1
  local id = block.identifier ~= '' and block.identifier or ctx.id .. '-block-' .. blocks
  local class = block.classes[1]
  if class == 'plot' then
    -- Whoever has measured sees what he measured; the block has the authors' figures.
    local top = os.getenv('PAGES') .. '/../../'
    local own = M.slurp(top .. block.attributes.data)
    return (picture(plot(own or block.text, M.slurp(top .. block.attributes.rows))):gsub('</figure>$', '<figcaption>'
      .. (own and 'Measured here, by <code>' or 'The authors\u{2019} machine; yours takes its place after <code>')
      .. escape(block.attributes.cmd) .. '</code></figcaption>\n</figure>'))
  elseif class == 'picture' then
    local svg, caption = draw(block.text, block.attributes.size)
    return svg and picture(svg, caption, id) or error(caption)
  elseif class == 'transcript' or class == 'console' then
    local body = escape(block.text):gsub('%f[^\n%z]([$#] )([^\n]*)', '%1<b>%2</b>')
    local cmd = block.attributes.cmd
    return '<figure class="transcript" id="' .. id .. '">\n'
      .. (cmd and '<figcaption>$ ' .. escape(cmd) .. '</figcaption>\n' or '')
      .. '<pre tabindex="0"><samp>' .. body .. '</samp></pre>\n</figure>'
  elseif class == 'diagram' then
    return '<pre class="diagram" id="' .. id .. '" tabindex="0" role="img" aria-label="' .. escape(block.attributes.alt) .. '">'
      .. section_links(escape(block.text)) .. '</pre>'
  elseif class == 'outline' then
    return '<pre class="outline" id="' .. id .. '" tabindex="0">' .. section_links(escape(block.text)) .. '</pre>'
  end
  -- A block without a word is something to type or to read as it stands.
  local lang = class ~= 'listing' and class or nil
  local world = (lang == 'c' or lang == 'C') and 'doc' or 'none'
  return '<pre class="listing" id="' .. id .. '" tabindex="0"><code>' .. highlight(block.text, lang, world) .. '</code></pre>'
end

local function inline_code(code)
  local text = code.text
  if code.classes:includes('chunkref') then
    return pandoc.RawInline('html', ctx.chunks[text] and use(text) or '\u{27E8}' .. M.name(text) .. '\u{27E9}')
  end
  local known = ctx.idents.doc or none
  local tag = text:match('^struct ([%w_]+)$') or text:match('^union ([%w_]+)$') or text:match('^enum ([%w_]+)$')
  local member = text:match('^[%w_]+%.([%w_]+)$') or text:match('^[%w_]+%->([%w_]+)$')
  local called = text:match('^([%a_][%w_]*)%(.*%)$')
  local name = text:match('^[&*]?([%a_][%w_]*)$')
  -- A short bare word is as likely to mean something else.
  local sure = name and looks_like_code(name)
  local ident = tag and known.t[tag] or member and known.m[member] or called and known.o[called]
    or name and (sure or code.classes:includes('nw')) and known.o[name] or sure and (known.t[name] or known.m[name])
  local html = '<code>' .. escape(text) .. '</code>'
  return pandoc.RawInline('html', ident and link(ident, html) or html)
end

-- Raw HTML that is no tag is text: somebody wrote <thing> for a placeholder.
local tags = {}
for tag in ([[a abbr b blockquote br cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre
  q s samp section small span strong sub summary sup svg table tbody td th thead tr ul var]]):gmatch('%w+') do
  tags[tag] = true
end

local function raw_inline(raw)
  local tag = raw.format == 'html' and raw.text:match('^</?(%w+)')
  return tag and not tags[tag:lower()] and pandoc.Str(raw.text) or nil
end

local function words(str)
  local html = section_links(escape(str.text))
  if html:find('<', 1, true) then
    return pandoc.RawInline('html', html)
  end
end

local in_prose = {
  traverse = 'topdown',
  Str = words,
  Code = inline_code,
  RawInline = raw_inline,
  RawBlock = function(raw)
    local text = not ctx.body and raw_inline(raw)
    return text and pandoc.Plain{text} or nil
  end,
  -- An author's #H-122 is wherever that section is. A link holds no other link.
  Link = function(l)
    local id = l.target:match('^#(.*)$')
    local place = id and ctx.sections[id]
    if place then
      l.target, l.title, l.classes = place.href, place.title, {'sec'}
    elseif id and (ctx.dead[id] or id:match('^%u%-%d%d%d$')) then
      return l.content, false
    end
    local term = ctx.terms[l.target:gsub('^#', '')]
    if term then
      l.target, l.title, l.classes = term.href, term.tip, {'term'}
    end
    return l, false
  end,
  -- A term where it is introduced; the glossary leads here.
  Strong = function(s)
    local slug = M.term(pandoc.utils.stringify(s))
    local id = ctx.introduces[slug]
    if id then
      ctx.introduces[slug] = nil
      return pandoc.Span({s}, {id, {'term'}})
    end
  end,
  -- A number that a command printed.
  Span = function(s)
    if s.classes:includes('recorded') then
      local cmd = s.attributes.cmd
      s.attributes = {title = '$ ' .. cmd}
      return s
    end
  end,
}

-- Each exercise is a place to link to.
local function number_exercises(blocks)
  local inside, n = false, 0
  for _, block in ipairs(blocks) do
    if block.t == 'Header' then
      inside = pandoc.utils.stringify(block):match('^Exercises') ~= nil
    elseif inside and block.t == 'OrderedList' then
      for _, item in ipairs(block.content) do
        n = n + 1
        if item[1].content then
          item[1].content:insert(1, pandoc.Span({}, {ctx.id .. '-exercise-' .. n}))
        end
      end
    end
  end
  return blocks
end

-- Hints are folded. (What a filter that goes from the top has put in a block's place is not looked at again: hence a step of its own.)
local function hint(div, title)
  local out = pandoc.List{pandoc.RawBlock('html', '<details class="hint"><summary>' .. (div.attributes.title or title or 'Hint') .. '</summary>')}
  out:extend(div.content)
  out:insert(pandoc.RawBlock('html', '</details>'))
  return out
end

-- An exercise that a program grades, with the command that does it.
local function exercise(div)
  local a, hints, nth = div.attributes, 0, 0
  for _, block in ipairs(div.content) do
    hints = hints + (block.t == 'Div' and block.classes:includes('hint') and 1 or 0)
  end
  local out = pandoc.List{pandoc.RawBlock('html', ('<section class="exercise" id="%s">\n<p class="task"><a class="label" href="#%s">%s</a> <strong>%s</strong> '
    .. '<span class="what">%s, about %s minutes, %s point%s</span></p>'):format(div.identifier, div.identifier, div.identifier,
    escape(a.title), a.level, a.minutes, a.points, a.points == '1' and '' or 's'))}
  for _, block in ipairs(div.content) do
    if block.t == 'Div' and block.classes:includes('hint') then
      nth = nth + 1
      out:extend(hint(block, hints > 1 and ('Hint %d of %d'):format(nth, hints)))
    else
      out:insert(block)
    end
  end
  out:insert(pandoc.CodeBlock('make grade E=' .. div.identifier, {'', {'sh'}}))
  out:insert(pandoc.RawBlock('html', '</section>'))
  return out
end

local function unfold_exercises(blocks)
  local out = pandoc.List()
  for _, block in ipairs(blocks) do
    if block.t == 'Div' and block.classes:includes('exercise') then
      out:extend(exercise(block))
    else
      out:insert(block)
    end
  end
  return pandoc.Pandoc(out):walk{Div = function(div) return div.classes:includes('hint') and hint(div) or nil end}
end

local in_blocks = {
  traverse = 'topdown',
  Div = function(div)
    if div.classes:includes('chunk') then
      return chunk(div), false
    end
  end,
  CodeBlock = function(block)
    return pandoc.RawBlock('html', code_block(block))
  end,
  RawBlock = function(raw)
    if raw.format == 'html' and raw.text:find('<svg', 1, true) and not ctx.body then
      return pandoc.RawBlock('html', picture(raw.text))
    end
  end,
  Table = function(t)
    return pandoc.Div({t}, {'', {'table'}}), false
  end,
  DefinitionList = function(list)
    if ctx.id ~= 'glossary' then
      return nil
    end
    for _, item in ipairs(list.content) do
      item[1] = {pandoc.Span(item[1], {'term-' .. M.term(pandoc.utils.stringify(item[1]))})}
    end
    return list
  end,
  Header = function(header)
    if header.level == 1 then
      return {}
    end
    local label = header.identifier:match('^%u%-%d%d%d$') and header.identifier:gsub('-', ':')
    local content = header.content
    if label then
      table.remove(content, 1)
      table.remove(content, 1)
      content:insert(1, pandoc.RawInline('html', '<a class="label" href="#' .. header.identifier .. '">' .. label .. '</a> '))
    else
      content:insert(pandoc.RawInline('html', ' <a class="here" href="#' .. header.identifier .. '" aria-label="link to this section">#</a>'))
    end
    return header, false
  end,
}

local options = {wrap_text = 'wrap-preserve'}

return function(context, doc)
  ctx, scripts, pictures, blocks = context, {}, 0, 0
  doc = doc:walk(in_prose)
  doc.blocks = unfold_exercises(number_exercises(doc.blocks)):walk(in_blocks).blocks
  return pandoc.write(doc, 'html5', options), #scripts > 0 and 'journey.codes({' .. table.concat(scripts, ',\n') .. '})\n' or nil
end
