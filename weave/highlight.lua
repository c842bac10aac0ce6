-- SPDX-License-Identifier: GPL-2.0-only
--
-- Which parts of a piece of code are comments, strings, words of the language, as pandoc sees it: tokens(TEXT, LANGUAGE) returns
-- a list of {class, text}; all texts together are TEXT. The classes are those of pandoc's HTML (co comment, st string, im what is
-- included …; `pandoc --list-highlight-languages` has the languages), or false: just code. A piece holds chunk uses
-- (common.lua says how they are marked), which to pandoc are words without a meaning.

local M = dofile(os.getenv('WEAVE') .. '/common.lua')

local signs = {lt = '<', gt = '>', amp = '&', quot = '"', ['#39'] = "'"}

return function(text, language)
  if not language or language == '' then
    return {{false, text}}
  end
  local uses, out = {}, {}
  -- Empty lines at the end pandoc would drop.
  local code, rest = text:match('^(.-)(\n*)$')
  local words = code:gsub(M.USE .. '.-' .. M.ESU, function(use)
    uses[#uses + 1] = use
    return 'nwUse' .. #uses .. 'z'
  end)
  local html = pandoc.write(pandoc.Pandoc{pandoc.CodeBlock(words, {'', {language}})}, 'html'):match('<code[^>]*>(.*)</code>')
  -- Each line stands in a span of its own, with an empty link before it.
  html = html:gsub('<span id="cb1%-%d+"><a [^>]*></a>', ''):gsub('</span>\n', '\n'):gsub('</span>$', '')
  -- Operators are just code: an arrow and the member after it belong together.
  local function add(class, part)
    class = class ~= 'op' and class
    part = part:gsub('&([%w#]+);', signs):gsub('nwUse(%d+)z', function(n) return uses[tonumber(n)] end)
    local last = out[#out]
    if last and not class and not last[1] then
      last[2] = last[2] .. part
    elseif part ~= '' then
      out[#out + 1] = {class, part}
    end
  end
  local at = 1
  for before, class, part, past in html:gmatch('(.-)<span class="(%a+)">(.-)</span>()') do
    add(false, before)
    add(class, part)
    at = past
  end
  add(false, html:sub(at))
  add(false, rest)
  return out
end
