-- SPDX-License-Identifier: GPL-2.0-only
--
-- Draw the table that `make bench` leaves: plot(CSV, ROWS) returns an SVG picture of the ratios Guest / native, on a
-- logarithmic scale, beside those of the repaired original. CSV is build/bench/bench.csv, ROWS is lab/bench-rows or nil.

local escape = dofile(os.getenv('WEAVE') .. '/common.lua').escape

local left, right, top, step = 130, 700, 46, 22

-- A ratio has a logarithm, or is nil.
local function ratio(text)
  local number = tonumber(text)
  return number and number > 0 and number < 1e9 and number or nil
end

-- The rows of the csv: {name, time, insn, before = {time, insn}}; what is no ratio is nil.
local function read(csv, references)
  local before, list = {}, {}
  for line in (references or ''):gmatch('[^\n]+') do
    local name, time, insn = line:match('^([^#%s]%S*)%s+%S+%s+%S+%s+%S+%s+(%S+)%s+(%S+)')
    if name then
      before[name] = {time = ratio(time), insn = ratio(insn)}
    end
  end
  for line in csv:gmatch('[^\n]+') do
    local name, time, insn = line:match('^([^,]+),[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,([^,]*),([^,]*),')
    if name and name ~= 'row' then
      list[#list + 1] = {name = name, time = ratio(time), insn = ratio(insn), before = before[name] or {}}
    end
  end
  return list
end

return function(csv, references)
  local list = read(csv, references)
  local low, high = 1, 2
  for _, row in ipairs(list) do
    for _, value in pairs{row.time or 1, row.insn or 1, row.before.time or 1, row.before.insn or 1} do
      low, high = math.min(low, value), math.max(high, value)
    end
  end
  low, high = math.floor(math.log(low, 2)), math.ceil(math.log(high, 2))
  local function x(value)
    return ('%.1f'):format(left + (math.log(value, 2) - low) * (right - left) / (high - low))
  end
  local bottom = top + step * #list
  local out, words = {}, {}
  local function add(form, ...) out[#out + 1] = form:format(...) end
  add('<g fill="currentColor" stroke="none" text-anchor="middle">')
  for power = low, high do
    local at = x(2 ^ power)
    add('<path d="M%s %d V%d" stroke="currentColor" stroke-width="%s"/>', at, top, bottom, power == 0 and '1.5' or '.3')
    add('<text x="%s" y="%d">%s</text>', at, bottom + 18, (power < 0 and '1/' or '') .. ('%d'):format(2 ^ math.abs(power)))
  end
  add('</g>')
  local function mark(kind, value, y)
    if not value then
      return
    elseif kind == 'time' then
      add('<circle cx="%s" cy="%d" r="5" fill="currentColor"/>', x(value), y)
    elseif kind == 'insn' then
      add('<circle cx="%s" cy="%d" r="5" fill="none" stroke="currentColor" stroke-width="1.5"/>', x(value), y)
    else
      add('<path d="M%s %d v14" stroke="currentColor" stroke-width="2" stroke-opacity=".45"%s/>', x(value), y - 7,
        kind == 'insn before' and ' stroke-dasharray="3 2"' or '')
    end
  end
  for i, row in ipairs(list) do
    local y = top + step * i - step // 2
    add('<text x="%d" y="%d" text-anchor="end" fill="currentColor">%s</text>', left - 10, y + 4, escape(row.name))
    for _, kind in ipairs{'time', 'insn'} do
      mark(kind .. ' before', row.before[kind], y)
      mark(kind, row[kind], y)
    end
    words[i] = ('%s %s and %s'):format(row.name, row.time or 'unknown', row.insn or 'unknown')
  end
  local keys = {{'time', 'time'}, {'insn', 'instructions'}, {'time before', 'time, repaired original'}, {'insn before', 'its instructions'}}
  for i, key in ipairs(keys) do
    local at = left + ({0, 90, 230, 440})[i]
    mark(key[1], 2 ^ (low + (at - left) * (high - low) / (right - left)), 18)
    add('<text x="%d" y="22" fill="currentColor">%s</text>', at + 10, key[2])
  end
  return ('<svg viewBox="0 0 720 %d" role="img" aria-label="%s" style="max-width:100%%;font:13px sans-serif">\n%s\n</svg>'):format(
    bottom + 26, escape('The ratios Guest / native of time and instructions: ' .. table.concat(words, '; ') .. '.'), table.concat(out, '\n'))
end
