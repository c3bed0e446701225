#!lua name=tidewaiter_v1_@VERSION@

-- Looks a batch of parcels up and counts it into the windows, in one call.
--
-- Keys (w: the window's number, e and p: tokens, d: a day number). One hash tag an entity:
--   tw:contrib:{p}   what p last counted: [seq, digest, answers, [w, e, day, ...]]
--   tw:parcel:{p}    the screener's history of p, opaque here
--   tw:win:w:{e}     the ledger of an entity while it is small: [p, seq, day, amount, member, ...]; or "H":
--   tw:win:w:{e}:d   the ledger of a busy entity, a hash a day: "p"..p -> [seq, amount, member],
--                    "m"..member -> parcels that name it, "s" cents, "n" parcels
--   tw:win:w:{e}:m   its distinct members -> the latest day that has them
--
-- A ledger is small up to LIMIT parcels (then GET and SET of one string are cheapest: most entities see
-- few parcels in a window), busy above (then nothing is read but what the question needs). Each ledger
-- holds (parcel, seq) itself, so that it can be told twice. On Redis Cluster the batch would be sent by
-- slot: the parcels' slots first (tw:contrib tells what is late and what is to be taken back), then the
-- entities', then the parcels' again for the answers; a call that is repeated half-way does no harm.

local TOTALS, DISTINCT = 1, 2
local COUNT, WITHDRAW, LOOK = 0, 1, 2
local NEW, REPEAT, LATE = 0, 1, 2
local BUSY = 'H'
local DAY_SECONDS = 86400
local MEMBERS_KEPT = 10000 -- of a busy entity: no rule asks for more, and it bounds its memory
local SLICE = 1000 -- keys a call: Lua's stack ends at 8000

local windows, small_limit, ledgers, loaded

local function ledger_key(window, entity)
  return 'tw:win:' .. window .. ':{' .. entity .. '}'
end

-- Values of many keys, in slices; command is MGET, or HMGET with the hash before the fields.
local function read_many(keys, hash)
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

local function opened(key, window, value)
  local ledger = { key = key, window = windows[window + 1], entries = {} }
  if value == BUSY then
    ledger.busy = true
  elseif value then
    ledger.entries = cmsgpack.unpack(value)
  end
  ledgers[key] = ledger
  return ledger
end

local function ledger_of(window, entity)
  local key = ledger_key(window, entity)
  local ledger = ledgers[key]
  if ledger then return ledger end
  local value = loaded[key]
  if value == nil then value = redis.call('GET', key) end
  return opened(key, window, value)
end

-- Small ledgers -------------------------------------------------------------------------------------

local function place(entries, parcel)
  for i = 1, #entries, 5 do
    if entries[i] == parcel then return i end
  end
end

local function small_put(ledger, parcel, seq, day, amount, member)
  local entries = ledger.entries
  local i = place(entries, parcel) or #entries + 1
  if entries[i] and entries[i + 1] > seq then return end
  entries[i], entries[i + 1], entries[i + 2], entries[i + 3], entries[i + 4] = parcel, seq, day, amount, member
end

local function small_take(ledger, parcel, seq)
  local entries = ledger.entries
  local i = place(entries, parcel)
  if not i or entries[i + 1] > seq then return end
  for k = 1, 5 do table.remove(entries, i) end
end

local function small_totals(ledger, day, span)
  local entries, cents, parcels = ledger.entries, 0, 0
  for i = 3, #entries, 5 do
    if entries[i] > day - span and entries[i] <= day then
      cents, parcels = cents + entries[i + 1], parcels + 1
    end
  end
  return { cents, parcels }
end

local function small_distinct(ledger, day, spans)
  local entries, latest, counts = ledger.entries, {}, {}
  for i = 3, #entries, 5 do
    local member = entries[i + 2]
    if not latest[member] or latest[member] < entries[i] then latest[member] = entries[i] end
  end
  for i, span in ipairs(spans) do
    local count = 0
    for _, last in pairs(latest) do
      if last > day - span then count = count + 1 end
    end
    counts[i] = count
  end
  return counts
end

-- Busy ledgers --------------------------------------------------------------------------------------

local function add_member(ledger, day, day_key, member)
  local members = ledger.key .. ':m'
  redis.call('HINCRBY', day_key, 'm' .. member, 1)
  redis.call('ZADD', members, 'GT', day, member)
  if redis.call('ZCARD', members) > MEMBERS_KEPT then redis.call('ZREMRANGEBYRANK', members, 0, 0) end
  redis.call('EXPIRE', members, ledger.window.ttl)
end

local function add_totals(day_key, amount, parcels)
  redis.call('HINCRBY', day_key, 's', amount)
  redis.call('HINCRBY', day_key, 'n', parcels)
end

-- The latest day is gone: fall back to the last one before it that still has the member.
local function previous_day(ledger, day, member)
  for before = day - 1, day - ledger.window.days, -1 do
    if redis.call('HEXISTS', ledger.key .. ':' .. before, 'm' .. member) == 1 then return before end
  end
end

local function drop_member(ledger, day, day_key, member)
  if redis.call('HINCRBY', day_key, 'm' .. member, -1) > 0 then return end
  redis.call('HDEL', day_key, 'm' .. member)
  local members = ledger.key .. ':m'
  if tonumber(redis.call('ZSCORE', members, member)) ~= day then return end
  local before = previous_day(ledger, day, member)
  if before then
    redis.call('ZADD', members, before, member)
  else
    redis.call('ZREM', members, member)
  end
end

local function busy_take(ledger, parcel, seq, day)
  local day_key = ledger.key .. ':' .. day
  local value = redis.call('HGET', day_key, 'p' .. parcel)
  if not value then return true end
  local entry = cmsgpack.unpack(value)
  if entry[1] > seq then return false end
  redis.call('HDEL', day_key, 'p' .. parcel)
  if ledger.window.measure == TOTALS then
    add_totals(day_key, -entry[2], -1)
  else
    drop_member(ledger, day, day_key, entry[3])
  end
  return true
end

local function busy_put(ledger, parcel, seq, day, amount, member, former_day)
  if former_day and former_day ~= day and not busy_take(ledger, parcel, seq, former_day) then return end
  if not busy_take(ledger, parcel, seq, day) then return end
  local day_key = ledger.key .. ':' .. day
  redis.call('HSET', day_key, 'p' .. parcel, cmsgpack.pack({ seq, amount, member }))
  if ledger.window.measure == TOTALS then
    add_totals(day_key, amount, 1)
  else
    add_member(ledger, day, day_key, member)
  end
  redis.call('EXPIRE', day_key, ledger.window.ttl)
end

local function busy_totals(ledger, day, span)
  local cents, parcels = 0, 0
  for each = day - span + 1, day do
    local sums = redis.call('HMGET', ledger.key .. ':' .. each, 's', 'n')
    cents, parcels = cents + (tonumber(sums[1]) or 0), parcels + (tonumber(sums[2]) or 0)
  end
  return { cents, parcels }
end

local function busy_distinct(ledger, day, spans)
  local counts = {}
  for i, span in ipairs(spans) do
    counts[i] = redis.call('ZCOUNT', ledger.key .. ':m', '(' .. (day - span), '+inf')
  end
  return counts
end

local function grow(ledger)
  local entries = ledger.entries
  ledger.busy, ledger.entries = true, {}
  for i = 1, #entries, 5 do
    busy_put(ledger, unpack(entries, i, i + 4))
  end
end

-- Either kind ---------------------------------------------------------------------------------------

local function put(ledger, parcel, seq, day, amount, member, former_day)
  ledger.changed = true
  if ledger.busy then return busy_put(ledger, parcel, seq, day, amount, member, former_day) end
  small_put(ledger, parcel, seq, day, amount, member)
  if #ledger.entries > 5 * small_limit then grow(ledger) end
end

local function take(ledger, parcel, seq, day)
  ledger.changed = true
  if ledger.busy then return busy_take(ledger, parcel, seq, day) end
  small_take(ledger, parcel, seq)
end

local function ask(ledger, day)
  local window = ledger.window
  if window.measure == TOTALS then
    return (ledger.busy and busy_totals or small_totals)(ledger, day, window.spans[1])
  end
  return (ledger.busy and busy_distinct or small_distinct)(ledger, day, window.spans)
end

local function keep(ledger)
  if not ledger.changed then return end
  if ledger.busy then
    redis.call('SET', ledger.key, BUSY, 'EX', ledger.window.ttl)
  elseif #ledger.entries == 0 then
    redis.call('DEL', ledger.key)
  else
    redis.call('SET', ledger.key, cmsgpack.pack(ledger.entries), 'EX', ledger.window.ttl)
  end
end

-- Parcels -------------------------------------------------------------------------------------------
-- A lookup is [parcel, seq, digest, effect, contributions]; contributions are flat, six values each:
-- window, entity, day, amount, member ('' is the parcel), 1 if counted.

local function compared(seq, digest, record)
  if seq ~= record[1] then return seq < record[1] and LATE or NEW end
  if digest == record[2] then return REPEAT end
  return digest < record[2] and LATE or NEW
end

local function former_days(record)
  local days = {}
  if not record then return days end
  local counted = record[4]
  for i = 1, #counted, 3 do days[ledger_key(counted[i], counted[i + 1])] = counted[i + 2] end
  return days
end

local function count_in(lookup, former)
  local parcel, seq, asked, counted = string.sub(lookup[1], 1, 11), lookup[2], lookup[5], {}
  for i = 1, #asked, 6 do
    if asked[i + 5] == 1 then
      local ledger, day, member = ledger_of(asked[i], asked[i + 1]), asked[i + 2], asked[i + 4]
      put(ledger, parcel, seq, day, asked[i + 3], member == '' and parcel or member, former[ledger.key])
      former[ledger.key] = nil
      local n = #counted
      counted[n + 1], counted[n + 2], counted[n + 3] = asked[i], asked[i + 1], day
    end
  end
  return counted
end

local function take_back(lookup, record, former)
  local parcel, seq, counted = string.sub(lookup[1], 1, 11), lookup[2], record[4]
  for i = 1, #counted, 3 do
    local key = ledger_key(counted[i], counted[i + 1])
    if former[key] then take(ledger_of(counted[i], counted[i + 1]), parcel, seq, former[key]) end
  end
end

local function answers_to(lookup)
  local asked, out = lookup[5], {}
  for i = 1, #asked, 6 do out[#out + 1] = ask(ledger_of(asked[i], asked[i + 1]), asked[i + 2]) end
  return out
end

local function answer(lookup, record)
  local standing = NEW
  if record and lookup[4] ~= LOOK then standing = compared(lookup[2], lookup[3], record) end
  if standing == REPEAT and 6 * #record[3] == #lookup[5] then return { REPEAT, record[3] } end
  if lookup[4] == LOOK or standing ~= NEW then return { standing, answers_to(lookup) } end
  local former, counted = former_days(record), {}
  if lookup[4] == COUNT then counted = count_in(lookup, former) end
  if record then take_back(lookup, record, former) end
  local out = answers_to(lookup)
  return { NEW, out }, { lookup[2], lookup[3], out, counted }
end

local function record_keys(lookups)
  local keys = {}
  for i, lookup in ipairs(lookups) do keys[i] = 'tw:contrib:{' .. lookup[1] .. '}' end
  return keys
end

local function history_keys(lookups)
  local keys = {}
  for i, lookup in ipairs(lookups) do keys[i] = 'tw:parcel:{' .. lookup[1] .. '}' end
  return keys
end

local function load_ledgers(lookups)
  local keys, seen = {}, {}
  for _, lookup in ipairs(lookups) do
    local asked = lookup[5]
    for i = 1, #asked, 6 do
      local key = ledger_key(asked[i], asked[i + 1])
      if not seen[key] then
        seen[key] = true
        keys[#keys + 1] = key
      end
    end
  end
  loaded = {}
  for i, value in ipairs(read_many(keys)) do loaded[keys[i]] = value end
end

-- The same parcel may come twice in a batch: its record is read from here, not from Redis again.
local function screen(lookups, record_ttl)
  local keys, records, changed, answers = record_keys(lookups), {}, {}, {}
  for i, value in ipairs(read_many(keys)) do
    if value then records[keys[i]] = cmsgpack.unpack(value) end
  end
  for i, lookup in ipairs(lookups) do
    local given, record = answer(lookup, records[keys[i]])
    answers[i] = given
    if record then
      records[keys[i]], changed[keys[i]] = record, record
    end
  end
  for key, record in pairs(changed) do redis.call('SET', key, cmsgpack.pack(record), 'EX', record_ttl) end
  for _, ledger in pairs(ledgers) do keep(ledger) end
  return answers
end

-- Identifiers ---------------------------------------------------------------------------------------
-- Asked for a kind at a time, [kind, tokens]; told as hits alone, flat, four values each: the kind's place,
-- the token's place, what the generation's list says, what the officers' says ('' is nothing).

local function listed(hash, tokens)
  if not hash or redis.call('EXISTS', hash) == 0 then return {} end
  return read_many(tokens, hash)
end

local function identified(generation, asked)
  local hits = {}
  for k, kind in ipairs(asked) do
    local list = listed(generation ~= '0' and 'tw:lists:ids:' .. generation .. ':' .. kind[1], kind[2])
    local own = listed('tw:local:ids:' .. kind[1], kind[2])
    for i = 1, #kind[2] do
      if list[i] or own[i] then
        local n = #hits
        hits[n + 1], hits[n + 2], hits[n + 3], hits[n + 4] = k - 1, i - 1, list[i] or '', own[i] or ''
      end
    end
  end
  return hits
end

-- A worker tells how many of its calls were answered. If fewer are known here, a replica that lagged has
-- been promoted, and a new epoch says so to all; a Redis that was emptied has no epoch and gets one.
local function epoch_after(worker, answered, new_epoch, ttl)
  local key = 'tw:answered:' .. worker
  local known = redis.call('INCR', key)
  redis.call('EXPIRE', key, ttl)
  if known <= answered then
    redis.call('SET', key, answered + 1, 'EX', ttl)
    redis.call('SET', 'tw:epoch', new_epoch)
  else
    redis.call('SET', 'tw:epoch', new_epoch, 'NX')
  end
  return redis.call('GET', 'tw:epoch')
end

local function versions(generation)
  local values = redis.call('MGET', 'tw:lists:current', 'tw:rules:current', 'tw:local:version')
  for i = 1, 3 do values[i] = values[i] or '' end
  values[4] = generation == '0' or redis.call('EXISTS', 'tw:lists:gen:' .. generation) == 1
  return values
end

local function open_windows(asked)
  windows = {}
  for i, window in ipairs(asked) do
    local days = math.max(unpack(window[2]))
    windows[i] = { measure = window[1], spans = window[2], days = days, ttl = (days + 2) * DAY_SECONDS }
  end
end

-- One argument: msgpack of [terms, windows, lookups, identifiers], where terms are [small limit, seconds that
-- a record lives, generation, worker, its answered calls, an epoch if a new one is due] and windows are
-- [measure, spans] by number. Answers msgpack of [versions, epoch, answers, hits], then the histories.
local function gather(_, arguments)
  local terms, asked_windows, lookups, asked = unpack(cmsgpack.unpack(arguments[1]))
  small_limit, ledgers = terms[1], {}
  open_windows(asked_windows)
  load_ledgers(lookups)
  local epoch = epoch_after(terms[4], terms[5], terms[6], terms[2])
  local answers, hits = screen(lookups, terms[2]), identified(terms[3], asked)
  local out = read_many(history_keys(lookups))
  table.insert(out, 1, cmsgpack.pack({ versions(terms[3]), epoch, answers, hits }))
  return out
end

-- Arguments: seconds, token, history, token, history, ... (not msgpack: cmsgpack reads no binary values).
local function remember(_, arguments)
  for i = 2, #arguments, 2 do
    redis.call('SET', 'tw:parcel:{' .. arguments[i] .. '}', arguments[i + 1], 'EX', arguments[1])
  end
  return (#arguments - 1) / 2
end

redis.register_function('tidewaiter_gather_@VERSION@', gather)
redis.register_function('tidewaiter_remember_@VERSION@', remember)
