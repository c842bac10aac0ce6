// SPDX-License-Identifier: GPL-2.0-only
/* L1: no case at all. A command line that names none is printed by the library. */
#include "rows.h"
