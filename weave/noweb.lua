-- SPDX-License-Identifier: GPL-2.0-only
--
-- pandoc -f noweb.lua: read a chapter from noweb's pipeline, as markup prints it, for the terminal.

local chapter = dofile(os.getenv('WEAVE') .. '/chapter.lua')

function Reader(input)
  return chapter(tostring(input))
end
