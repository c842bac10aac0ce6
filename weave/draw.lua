-- SPDX-License-Identifier: GPL-2.0-only
--
-- A picture of a chapter: draw(BODY, SIZE) returns it as an SVG and its caption. The chapter has only what is particular to the picture:
--
--   ```{.picture size="720 330"}
--   <title>A caption of one sentence</title>
--   <desc>What one would tell somebody who cannot see it.</desc>
--   <rect class="guest" x="20" y="40" width="170" height="120"/>
--   <path class="arrow" d="M190 145h80"/>
--   <text x="105" y="60">the Guest's memory</text>
--   ```
--
-- Sizes are in units of a pixel on a wide screen; 720 fills the column. The classes, which style.css draws:
--   box host guest user launcher switcher   shapes, by whose they are (user: a program of the Guest's)
--   hot dim                                 what the text is about; what it is not about
--   line arrow both dash                    lines: plain, with one point, with two; dash may be added to any
--   (text) l r small mono strong            set to the left or right of its place (else around it), smaller, as code, bold
-- Returns nil and what is wrong with it, if so.

local tip = [[<marker id="tip%s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" overflow="visible" orient="auto-start-reverse">]]
  .. [[<path class="tip%s" d="M0 0l8 4l-8 4z"/></marker>]]
local tips = '<defs>' .. tip:format('', '') .. tip:format('-hot', ' hot') .. '</defs>'

-- Give the lines their points.
local function points(body)
  return (body:gsub('(<%w+[^>]-class="([^"]*)"[^>]-)(/?>)', function(tag, classes, close)
    local word = ' ' .. classes .. ' '
    local tip = word:find(' hot ', 1, true) and 'url(#tip-hot)' or 'url(#tip)'
    if word:find(' both ', 1, true) then
      tag = tag .. ' marker-start="' .. tip .. '" marker-end="' .. tip .. '"'
    elseif word:find(' arrow ', 1, true) then
      tag = tag .. ' marker-end="' .. tip .. '"'
    end
    return tag .. close
  end))
end

return function(body, size)
  local width, height = (size or ''):match('^(%d+) (%d+)$')
  local title = body:match('<title>%s*(.-)%s*</title>')
  if not width then
    return nil, 'a picture has size="WIDTH HEIGHT"'
  elseif not title or not body:find('<desc>', 1, true) then
    return nil, 'a picture has a <title>, its caption, and a <desc>, what somebody is told who cannot see it'
  elseif body:find('style="', 1, true) or body:find('fill="', 1, true) or body:find('stroke="', 1, true) then
    return nil, 'a picture has classes (weave/draw.lua lists them) and no colours of its own'
  end
  body = points(body:gsub('<title>', '<title id="title">', 1):gsub('<desc>', '<desc id="desc">', 1))
  return ('<svg viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-labelledby="title desc">\n%s\n%s\n</svg>'):format(
    width, height, width, height, body, tips), title:gsub('%s+', ' ')
end
