-- SPDX-License-Identifier: GPL-2.0-only
--
-- Which parts of a piece of code are comments, strings, words of the language: tokens(TEXT, LANGUAGE) returns a list of
-- {class, text}; all texts together are TEXT. A class is one of
--   co comment   st string   nu number   kw word of the language   dt type   pp preprocessor   im what is included
--   va variable or register   or false: just code.
-- A piece may begin and end in the middle of things, and holds chunk uses (common.lua says how they are marked); one inside a
-- comment or string is part of its text.

local M = dofile(os.getenv('WEAVE') .. '/common.lua')

local function set(words)
  local out = {}
  for word in words:gmatch('%S+') do
    out[word] = true
  end
  return out
end

local c = {
  kw = set[[break case continue default do else for goto if return switch while sizeof typeof __typeof__ asm volatile inline
    static extern const struct union enum typedef register restrict __attribute__ __init __initdata __exit __user __iomem
    __percpu __rcu __packed __must_check __read_mostly noinline noinstr __always_inline asmlinkage]],
  dt = set[[void char short int long float double signed unsigned bool _Bool size_t ssize_t off_t loff_t pid_t uid_t gid_t u8 u16 u32 u64
    s8 s16 s32 s64 __u8 __u16 __u32 __u64 __le16 __le32 __le64 uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t
    int64_t uintptr_t gfn_t pte_t pmd_t pud_t pgd_t spinlock_t atomic_t FILE]],
  slashes = true, preprocessor = true, quotes = 'c',
}
local sh = {
  kw = set[[if then elif else fi for while until do done case esac in return exit break continue shift set unset export trap local
    exec eval read readonly function]],
  dt = {}, hashes = true, quotes = 'sh', dollars = true, here = true,
}
local languages = {
  c = c, C = c,
  gnuassembler = {kw = {}, dt = {}, slashes = true, preprocessor = true, quotes = 'c', registers = true, directives = true},
  bash = sh, sh = sh,
  makefile = {kw = set'include ifeq ifneq ifdef ifndef else endif define endef override export unexport', dt = {}, hashes = true, dollars = true},
  awk = {kw = set'BEGIN END function if else while for in do next exit return print printf getline delete break continue', dt = {},
    hashes = true, quotes = 'c', dollars = true},
  perl = {kw = set[[my our local sub if elsif else unless while until for foreach return last next use require package die print printf
    open close and or not eval]], dt = {}, hashes = true, quotes = 'sh', dollars = true},
  python = {kw = set[[def class if elif else for while return import from as with try except finally raise pass lambda in not and or
    is None True False yield break continue global]], dt = {}, hashes = true, quotes = 'c'},
  tcl = {kw = set'proc if else elseif while for foreach set expect send spawn return exit puts catch switch', dt = {}, hashes = true,
    quotes = 'double', dollars = true},
  lua = {kw = set'and break do else elseif end false for function goto if in local nil not or repeat return then true until while', dt = {},
    dashes = true, quotes = 'c'},
}
languages.bash.dt = {}

local function diff(text)
  local out = {}
  for line in (text .. '\n'):gmatch('[^\n]*\n') do
    local first = line:sub(1, 1)
    local head = line:match('^[-+][-+][-+] ') or line:match('^diff ') or line:match('^@@')
    out[#out + 1] = {head and 'kw' or first == '+' and 'va' or first == '-' and 'st' or false, line}
  end
  local last = out[#out]
  last[2] = last[2]:sub(1, -2)
  return out
end

-- Where the string that begins at `at` ends.
local function string_end(text, at, quote, how)
  local i = at + 1
  while true do
    local found = text:find(how == 'sh' and (quote == "'" and "'" or '["\\]') or '[' .. quote .. '\\\n]', i)
    if not found then
      return how == 'sh' and #text or nil
    end
    local sign = text:sub(found, found)
    if sign == quote then
      return found
    elseif sign == '\\' then
      i = found + 2
    else
      return nil      -- it ends with its line: no string
    end
  end
end

return function(text, language)
  if language == 'diff' then
    return diff(text)
  end
  local L = languages[language]
  if not L then
    return {{false, text}}
  end
  local out, from, at, here = {}, 1, 1, nil
  -- The text from `at` to `last` is of this class; what stands before it is just code.
  local function token(class, last)
    if from < at then
      out[#out + 1] = {false, text:sub(from, at - 1)}
    end
    out[#out + 1] = {class, text:sub(at, last)}
    at, from = last + 1, last + 1
  end
  local function line_end()
    return (text:find('\n', at, true) or #text + 1) - 1
  end
  local function first_of_line()
    return not text:sub(math.max(1, at - 120), at - 1):match('[^\n]*$'):find('%S')
  end
  while at <= #text do
    local word = text:match('^[%a_][%w_]*', at)
    local sign = text:sub(at, at)
    if word then
      local class = L.kw[word] and 'kw' or L.dt[word] and 'dt'
      if class then
        token(class, at + #word - 1)
      else
        at = at + #word
      end
    elseif text:find('^%d', at) then
      token('nu', at + #text:match('^[%w_]+', at) - 1)
    elseif sign == '\n' and here then
      local _, last = text:find('\n[\t]*' .. here .. '%f[^%w_]', at)
      token('st', last or #text)
      here = nil
    elseif text:find('^' .. M.USE, at) then
      local _, last = text:find(M.ESU, at, true)
      at = last + 1
    elseif L.slashes and text:find('^/%*', at) then
      local _, last = text:find('*/', at + 2, true)
      token('co', last or #text)
    elseif L.slashes and text:find('^//', at) or L.dashes and text:find('^%-%-', at)
      or L.hashes and sign == '#' and (at == 1 or text:find('^[%s;(]', at - 1)) then
      token('co', line_end())
    elseif L.preprocessor and sign == '#' and first_of_line() then
      local _, last = text:find('^#[ \t]*%a*', at)
      local name = text:sub(at, last):match('%a*$')
      token('pp', last)
      local _, after = text:find('^[ \t]*[<"][^>"\n]*[>"]', at)
      if name == 'include' and after then
        at = at + #text:match('^[ \t]*', at)
        token('im', after)
      end
    elseif sign == '"' and L.quotes or sign == "'" and (L.quotes == 'sh' or L.quotes == 'c') then
      local last = string_end(text, at, sign, L.quotes)
      if last then
        token('st', last)
      else
        at = at + 1
      end
    elseif sign == '\\' then
      at = at + 2
    elseif L.here and text:find('^<<%-?[\'"]?[%a_]', at) then
      local _, last, name = text:find('^<<%-?[\'"]?([%a_][%w_]*)[\'"]?', at)
      here, at = name, last + 1
    elseif L.dollars and text:find('^%$[%w_@*?#!{(]', at) then
      local _, last = text:find('^%$[%a_][%w_]*', at)
      if not last then
        _, last = text:find('^%$%b{}', at)
      end
      token('va', last or at + 1)
    elseif L.registers and text:find('^%%[%a]', at) then
      local _, last = text:find('^%%%a[%w]*', at)
      token('va', last)
    elseif L.directives and text:find('^%.%a', at) and first_of_line() then
      local _, last = text:find('^%.[%a_]+', at)
      token('kw', last)
    else
      local _, last = text:find('^[ \t(){}%[%],;:=+&|!<>%-?*~^]+', at + 1)
      -- Of these only < may begin something, a document that stands here.
      if last and not L.here and not L.dashes then
        at = last + 1
      else
        at = at + 1
      end
    end
  end
  if from <= #text then
    out[#out + 1] = {false, text:sub(from)}
  end
  return out
end
