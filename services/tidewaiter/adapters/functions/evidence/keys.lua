#!lua name=tidewaiter_v1_@VERSION@

-- Looks a batch of parcels up and counts it into the windows, in one call.
--
-- Keys (w: the window's number, e and p: tokens, d: a day number). One hash tag an entity:
--   tw:parcel:{p}   the screener's history of p, opaque here
--   tw:count:{p}    what p last counted: msgpack of seq, digest, questions, answers, COUNTED of each
--   tw:w<w>:{e}     the ledger of an entity while it is small, an entry a parcel, end to end; else 'H' and:
--   tw:w<w>:{e}:d   a day of a busy one: for totals a hash 'p'..p -> amount, 's' -> cents, 'n' -> parcels;
--                   for distinct a sorted set of member..p, all of score 0 and so in order of member
--   tw:w<w>:{e}:m   the distinct members of a busy one -> the latest day that has them
--
-- A ledger is small up to a few parcels (16): most entities see few in a window, one string is cheapest then.
-- In a busy one nothing is read but what the question needs. Either kind holds its parcels by name, so that
-- it can be told the same twice. On Redis Cluster the batch would be sent by slot: the parcels' first
-- (tw:count tells what is late and what to take back), then the entities', then the parcels' again for the
-- answers; a call that is repeated half-way does no harm.
-- In ledgers p and member are 10 characters of their tokens, 60 bits: with keys of 30 characters, a ledger
-- of one parcel just fits malloc's classes of 32 and 48 bytes. Entries are fixed records and not msgpack,
-- which would make and walk a table for each.

local TOTALS = 1
local COUNT, LOOK, RESTORE = 0, 2, 3
-- How many questions a record answers is kept in this form: raised when as many ask for other windows, so that
-- an answer to the former ones is not taken for one to these.
local FORM = 1000
local UNANSWERED = -1 -- the number of questions of a record that was restored from the log: asked again, the
-- windows answer as they are then, since what they said while they were being refilled was too little
local NEW, REPEAT, LATE = '\146\0', '\146\1', '\146\2' -- msgpack of the start of [standing, answers]
local NOTHING = '\144' -- msgpack of an empty array
local PAIR, ARRAY = '\146', '\221' -- how msgpack begins an array of two, and any (with 4 bytes of length)
local BUSY = 'H'
local SHORT = 10
local COUNTED, COUNTED_SIZE = '>Bc22i3c10', 36 -- window, entity, day, member
local FORMATS = { { '>c10i3i6', 19 }, { '>c10i3c10', 23 } } -- parcel, day, amount or member; by measure
local MEMBERS_KEPT = 10000 -- of a busy entity: no rule asks for more, and it bounds its memory
local SLICE = 1000 -- keys a call: Lua's stack ends at 8000
local DAY_MS = 86400000

local FARTHEST = 60 -- days ahead of today that an entry is kept for: an arrival in years is a slip

-- Of the call in hand.
local windows, small_limit, ledgers, today

-- Values of many keys, in slices: MGET, or HMGET of a hash.
local function read_many(keys, hash)
  if #keys > 0 and #keys <= SLICE then
    if hash then return redis.call('HMGET', hash, unpack(keys)) end
    return redis.call('MGET', unpack(keys))
  end
  local values = {}
  for first = 1, #keys, SLICE do
    local last = math.min(first + SLICE - 1, #keys)
    local part
    if hash then
      part = redis.call('HMGET', hash, unpack(keys, first, last))
    else
      part = redis.call('MGET', unpack(keys, first, last))
    end
    for i = 1, #part do values[first + i - 1] = part[i] end
  end
  return values
end

local function keys_of(lookups, prefix)
  local keys = {}
  for i, lookup in ipairs(lookups) do keys[i] = prefix .. lookup[1] .. '}' end
  return keys
end

local function fill(ledger, value)
  if value == BUSY then
    ledger.busy, ledger.pending, ledger.counts = true, {}, {}
  else
    ledger.value = value or ''
  end
end

-- When a ledger ends that counts until this day: two days after the window of then, or of now. Parcels are
-- declared days or weeks before they arrive, and those of one day add up however far apart they were told of.
local function end_of(window, day)
  if day <= today + 2 then return window.expires end
  local known = window.ends[day]
  if not known then
    known = string.format('%.0f', (math.min(day, today + FARTHEST) + window.days + 2) * DAY_MS)
    window.ends[day] = known
  end
  return known
end

-- The ledger of an entity, the same one throughout a call, and whether it has still to be filled.
local function ledger_of(number, entity)
  local window = windows[number + 1]
  local key = window.prefix .. entity .. '}'
  local ledger = ledgers[key]
  if ledger then return ledger, false end
  ledger = { key = key, window = window, entity = entity, value = '', changed = false }
  ledgers[key] = ledger
  return ledger, true
end

local function filled_ledger_of(number, entity)
  local ledger, is_new = ledger_of(number, entity)
  if is_new then fill(ledger, redis.call('GET', ledger.key)) end
  return ledger
end
