-- SPDX-License-Identifier: GPL-2.0-only
--
-- pandoc --lua-filter=plain.lua -t plain: make terminal text of what noweb.lua read.

local M = dofile(os.getenv('WEAVE') .. '/common.lua')

local function bare(name)
  return (name:gsub('%[%[(.-)%]%]', '%1'))
end

local function code(text)
  return (text:gsub(M.USE .. '(.-)' .. M.ESU, function(name) return '<<' .. bare(name) .. '>>' end))
end

-- What a picture shows, as words that can be set in lines.
local function told(text)
  local words = pandoc.List{pandoc.Str'[Picture:'}
  for word in (text .. ']'):gmatch('%S+') do
    words:extend{pandoc.Space(), pandoc.Str(word)}
  end
  return pandoc.Para(words)
end

local seen = {}

-- An exercise begins with what it is, and its hints are told to be hints.
local function exercise(div)
  if not div.classes:includes('exercise') then
    return nil
  end
  local a, nth = div.attributes, 0
  local out = pandoc.List{pandoc.Para{pandoc.Str(('%s. %s (%s, about %s minutes, %s point%s; make grade E=%s)'):format(div.identifier, a.title, a.level,
    a.minutes, a.points, a.points == '1' and '' or 's', div.identifier))}}
  for _, block in ipairs(div.content) do
    local hint = block.t == 'Div' and block.classes:includes('hint')
    if hint then
      nth = nth + 1
      block.content:insert(1, pandoc.Para{pandoc.Str(('Hint %d:'):format(nth))})
    end
    out:insert(block)
  end
  return out
end

return {{Div = exercise}, {
  traverse = 'topdown',
  Div = function(div)
    if not div.classes:includes('chunk') then
      return nil
    end
    local name = div.attributes.name
    local head = '<<' .. bare(name) .. '>>' .. (seen[name] and '+=' or '=')
    seen[name] = true
    local text = code(div.content[1].text):gsub('\t', '        ')
    return pandoc.CodeBlock(head .. '\n' .. text), false
  end,
  Code = function(c)
    return pandoc.Str(c.classes:includes('chunkref') and '<<' .. bare(c.text) .. '>>' or c.text)
  end,
  CodeBlock = function(block)
    if block.classes:includes('picture') then
      local text = block.text:match('<desc>%s*(.-)%s*</desc>')
      return told(text or '')
    end
    local cmd = block.attributes.cmd
    return pandoc.CodeBlock((cmd and '$ ' .. cmd .. '\n' or '') .. block.text)
  end,
  -- A link tells where it leads, unless its words do.
  Link = function(l)
    local label = l.target:match('^#(%u%-%d%d%d)$')
    label = label and label:gsub('-', ':') or l.target:match('^%a+:.*')
    local text = pandoc.utils.stringify(l.content)
    if label and not text:find(label, 1, true) and text ~= label:gsub('^mailto:', '') then
      l.content:extend{pandoc.Str('\u{a0}(' .. label .. ')')}
    end
    return l.content
  end,
  -- Of a picture the terminal has the description.
  RawBlock = function(raw)
    local text = raw.text:match('aria%-label="([^"]*)"') or raw.text:match('<desc[^>]*>(.-)</desc>') or raw.text:match('<title[^>]*>(.-)</title>')
    return text and told(text) or {}
  end,
  Header = function(header)
    local text = pandoc.utils.stringify(header.content)
    local line = (header.level == 1 and '=' or '-'):rep(utf8.len(text))
    return pandoc.RawBlock('plain', (header.level == 1 and line .. '\n' or '\n') .. text .. '\n' .. line)
  end,
}}
