-- SPDX-License-Identifier: GPL-2.0-only
--
-- pandoc -f pages.lua LIST: make the pages that LIST names, one a line: of build/weave/NAME.lua and NAME.markup, as
-- survey.lua leaves them, build/weave/NAME.body (what every form of the book shows), book/html/NAME.html and
-- book/html/code/NAME.js. All in one process, because to start pandoc costs as much as to make a page.
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

function Reader(input)
  for name in tostring(input):gmatch('[^\n]+') do
    local ctx = dofile(pages_dir .. '/' .. name .. '.lua')
    local body, codes = ctx.body, nil
    if not body then
      body, codes = html(ctx, chapter(M.slurp(pages_dir .. '/' .. name .. '.markup'), ctx))
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
