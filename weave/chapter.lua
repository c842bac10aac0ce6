-- SPDX-License-Identifier: GPL-2.0-only
--
-- chapter(PIPELINE, CONTEXT): a chapter as a pandoc document, from noweb's pipeline, as markup prints it.
-- Prose is pandoc's Markdown; a piece of a chunk becomes a Div of class "chunk" around a code block. In its text,
-- and in code spans of class "chunkref", chunk uses stay marked as common.lua says: html.lua and plain.lua make of them
-- what their output needs. CONTEXT, if any, is what survey.lua says that the page must know of the others.

local M = dofile(os.getenv('WEAVE') .. '/common.lua')

-- Prose speaks of @cpu, $eax and 2^20: none of them may be a citation, mathematics or a superscript.
local markdown = 'markdown-auto_identifiers-citations-tex_math_dollars-raw_tex-latex_macros-superscript-subscript'
  .. '-yaml_metadata_block-pandoc_title_block-example_lists-implicit_header_references'

local function literal(l)
  return (l:gsub(M.QUOTE, '[['):gsub(M.ETOUQ, ']]'))
end

-- A line of prose: [[x]] and <<x>> become code spans, except in code that stands there already.
local function prose(l)
  local out, at, in_code = {}, 1, false
  while at <= #l do
    local ticks = l:match('^`+', at)
    local quoted = l:match('^' .. M.QUOTE .. '(.-)' .. M.ETOUQ, at)
    local chunk = not in_code and l:match('^<<(.-)>>', at)
    local command = l:match('^{%.recorded cmd=".-[^\\]"}', at)
    if command then
      out[#out + 1] = literal(command)
      at = at + #command
    elseif ticks then
      in_code = not in_code
      out[#out + 1] = ticks
      at = at + #ticks
    elseif quoted then
      out[#out + 1] = in_code and '[[' .. quoted .. ']]' or '`' .. quoted .. '`{.nw}'
      at = at + #M.QUOTE + #quoted + #M.ETOUQ
    elseif chunk then
      out[#out + 1] = '`' .. chunk:gsub(M.QUOTE, '[['):gsub(M.ETOUQ, ']]') .. '`{.chunkref}'
      at = at + #chunk + 4
    else
      out[#out + 1] = l:sub(at, at)
      at = at + 1
    end
  end
  return table.concat(out)
end

-- The chapter as one Markdown text, in which a numbered block of class "piece" stands for each piece of a chunk.
local function assemble(chapter)
  local out, pieces = {}, {}
  local kind_of = M.prose()
  for _, block in ipairs(chapter.blocks) do
    if block.kind == 'code' then
      pieces[#pieces + 1] = block
      out[#out + 1] = '\n```{.piece}\n' .. #pieces .. '\n```\n'
    else
      for _, l in ipairs(block.lines) do
        local kind, text = kind_of(l)
        out[#out + 1] = kind == 'text' and prose(text) or kind == 'comment' and '' or literal(text)
      end
    end
  end
  return table.concat(out, '\n') .. '\n', pieces
end

return function(input, ctx)
  local chapter = M.parse(input)[1]
  local text, pieces = assemble(chapter)
  local prefix = ctx and ctx.id or M.page(chapter.file) or 'page'
  local doc = pandoc.read(text, markdown)
  local taken = {}
  doc = doc:walk{
    CodeBlock = function(block)
      if block.classes[1] ~= 'piece' then
        return nil
      end
      local n = tonumber(block.text)
      local known = ctx and ctx.pieces[n] or {id = prefix .. '-chunk-' .. n, lang = ''}
      return pandoc.Div({pandoc.CodeBlock(table.concat(pieces[n].lines, '\n'), {'', {known.lang}})},
        {known.id, {'chunk'}, {piece = tostring(n), name = pieces[n].name}})
    end,
    -- Every heading has an id that is the only one of its name in the whole book.
    Header = function(header)
      if header.level > 1 and header.identifier == '' then
        local id = prefix .. '-' .. M.slug(pandoc.utils.stringify(header.content))
        taken[id] = (taken[id] or 0) + 1
        header.identifier = id .. (taken[id] > 1 and '-' .. taken[id] or '')
      end
      return header
    end,
  }
  return doc
end
