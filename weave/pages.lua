-- SPDX-License-Identifier: GPL-2.0-only
--
-- pandoc -f pages.lua LIST: make the pages that LIST names, one a line: of build/weave/NAME.lua and NAME.markup, as
-- survey.lua leaves them, build/weave/NAME.body (what every form of the book shows), book/html/NAME.html and
-- book/html/code/NAME.js and search/NAME.js. All in one process, because to start pandoc costs as much as to make a page.
--
-- Environment: as for survey.lua.

local weave, pages_dir, book = os.getenv('WEAVE'), os.getenv('PAGES'), os.getenv('BOOK')
local M = dofile(weave .. '/common.lua')
local chapter = dofile(weave .. '/chapter.lua')
local html = dofile(weave .. '/html.lua')
local frame = M.slurp(weave .. '/page.html'):gsub('<!%-%-.-%-%->\n', '', 1)

-- Fill in a frame: $name$ is that value, and $if(name)$ begins lines that stand only with it, up to $endif$.
local function fill(text, values)
  text = text:gsub('%$if%((%w+)%)%$\n(.-)%$endif%$\n', function(name, lines)
    return values[name] and lines or ''
  end)
  return (text:gsub('%$(%w+)%$', function(name) return values[name] or '' end))
end

-- What search looks through: of each section its words, of each chunk its code, of each identifier what it is.
local function search(ctx, doc)
  local out, text = {}, {}
  local section = {ctx.href, ctx.title, ctx.label or '', ctx.part or ''}
  local function add(doc_of, words)
    local said = {}
    for i, value in ipairs(doc_of) do
      said[i] = M.js(value)
    end
    said[5] = M.js((words:gsub('\\[ntr]', ' '):gsub('%s+', ' ')))
    out[#out + 1] = '[' .. table.concat(said, ',') .. ']'
  end
  for _, block in ipairs(doc.blocks) do
    if block.t == 'Header' and block.level > 1 then
      add(section, table.concat(text, ' '))
      local title = pandoc.utils.stringify(block)
      local label = title:match('^%u:%d%d%d') or ''
      section, text = {ctx.href .. '#' .. block.identifier, title:gsub('^%u:%d%d%d ', ''), label, ctx.title}, {}
    elseif block.t == 'Div' and block.classes:includes('chunk') then
      local p = ctx.pieces[tonumber(block.attributes.piece)]
      add({ctx.href .. '#' .. p.id, '\u{27E8}' .. p.name:gsub('[%[%]]', '') .. '\u{27E9}', p.number, ctx.title},
        (block.content[1].text:gsub(M.USE .. '.-' .. M.ESU, ' ')))
      for _, d in ipairs(p.defines) do
        add({ctx.href .. '#' .. d.id, d.name, p.number, d.kind .. ' in ' .. d.file}, d.tip)
      end
    elseif block.t == 'CodeBlock' then
      local drawn = block.classes[1] == 'picture' or block.classes[1] == 'plot'
      text[#text + 1] = drawn and (block.text:match('<desc>(.-)</desc>') or '') or block.text
    elseif block.t == 'Para' then
      text[#text + 1] = pandoc.utils.stringify(block)
    elseif block.t ~= 'RawBlock' then
      -- Of a list or table the paragraphs, lest the words at their ends become one.
      local function paragraph(p)
        text[#text + 1] = pandoc.utils.stringify(p)
      end
      pandoc.Div{block}:walk{Para = paragraph, Plain = paragraph,
        CodeBlock = function(code) text[#text + 1] = code.text end}
    end
  end
  add(section, table.concat(text, ' '))
  return 'journey.docs([' .. table.concat(out, ',\n') .. '])\n'
end

function Reader(input)
  for name in tostring(input):gmatch('[^\n]+') do
    local ctx = dofile(pages_dir .. '/' .. name .. '.lua')
    local body, codes = ctx.body, nil
    if not body then
      local doc = chapter(M.slurp(pages_dir .. '/' .. name .. '.markup'), ctx)
      if ctx.letter then
        M.write(book .. '/search/' .. name .. '.js', search(ctx, doc))
      end
      body, codes = html(ctx, doc)
    end
    if codes then
      M.write(book .. '/code/' .. name .. '.js', codes)
    end
    M.write(pages_dir .. '/' .. name .. '.body', body)
    -- The page itself last: its date says that all is done.
    local f = assert(io.open(book .. '/' .. name .. '.new', 'w'))
    f:write(fill(frame, {
      title = M.escape(ctx.title) .. (ctx.cover and '' or ' \u{2013} the lguest Journey'), class = (ctx.cover and 'cover' or 'page')
        .. (ctx.letter and ' part-' .. ctx.letter or ''), where = ctx.letter and ('<p class="where"><a href="index.html#%s">%s</a></p>\n'):format(ctx.letter, ctx.part), heading = ctx.heading, body = body,
      cover = ctx.cover, inner = not ctx.cover, nav = ctx.nav, prev = ctx.prev and ctx.prev.href, prevtitle = ctx.prev and M.escape(ctx.prev.title),
      next = ctx.next and ctx.next.href, nexttitle = ctx.next and M.escape(ctx.next.title),
    }))
    assert(f:close())
    assert(os.rename(book .. '/' .. name .. '.new', book .. '/' .. name .. '.html'))
  end
  return pandoc.Pandoc{}
end
