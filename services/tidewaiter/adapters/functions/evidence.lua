#!lua name=tidewaiter_v1_@VERSION@

-- Looks a batch of parcels up and counts it into the windows, in one call.
--
-- Keys (w: the window's number, e and p: tokens, d: a day number). One hash tag an entity:
--   tw:parcel:{p}   the screener's history of p, opaque here
--   tw:count:{p}    what p last counted: [seq, digest, answers, [w, e, day, member's place, ...], members]
--   tw:w<w>:{e}     the ledger of an entity while it is small: [p, day, amount, member, ...]; else 'H' and:
--   tw:w<w>:{e}:d   a day of a busy one: for totals a hash 'p'..p -> amount, 's' -> cents, 'n' -> parcels;
--                   for distinct a sorted set of member..p, all of score 0 and so in order of member
--   tw:w<w>:{e}:m   the distinct members of a busy one -> the latest day that has them
--
-- A ledger is small up to SMALL parcels: most entities see few in a window, and one string is cheapest then.
-- In a busy one nothing is read but what the question needs. Either kind holds its parcels by name, so that
-- it can be told the same twice. On Redis Cluster the batch would be sent by slot: the parcels' first
-- (tw:count tells what is late and what to take back), then the entities', then the parcels' again for the
-- answers; a call that is repeated half-way does no harm.
-- In ledgers p and member are 10 characters of their tokens, 60 bits: with keys of 30 characters, a ledger
-- of one parcel just fits malloc's classes of 32 and 48 bytes.

local TOTALS = 1
local COUNT, LOOK = 0, 2
local NEW, REPEAT, LATE = 0, 1, 2
local BUSY = 'H'
local SHORT = 10
local STRIDE = 4
local MEMBERS_KEPT = 10000 -- of a busy entity: no rule asks for more, and it bounds its memory
local SLICE = 1000 -- keys a call: Lua's stack ends at 8000
local DAY_MS = 86400000
local NOTHING = {}

-- Of the call in hand.
local windows, small_limit, ledgers

-- Values of many keys, in slices: MGET, or HMGET of a hash.
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

local function keys_of(lookups, prefix)
  local keys = {}
  for i, lookup in ipairs(lookups) do keys[i] = prefix .. lookup[1] .. '}' end
  return keys
end

local function fill(ledger, value)
  if value == BUSY then
    ledger.busy, ledger.pending, ledger.counts = true, {}, {}
  else
    ledger.entries = value and cmsgpack.unpack(value) or NOTHING
  end
end

-- The ledger of an entity, the same one throughout a call, and whether it has still to be filled.
local function ledger_of(number, entity)
  local window = windows[number + 1]
  local key = window.prefix .. entity .. '}'
  local ledger = ledgers[key]
  if ledger then return ledger, false end
  ledger = { key = key, window = window, entity = entity }
  ledgers[key] = ledger
  return ledger, true
end

local function filled_ledger_of(number, entity)
  local ledger, is_new = ledger_of(number, entity)
  if is_new then fill(ledger, redis.call('GET', ledger.key)) end
  return ledger
end

-- Small ledgers -------------------------------------------------------------------------------------

local function small_take(entries, parcel)
  for i = 1, #entries, STRIDE do
    if entries[i] == parcel then
      for _ = 1, STRIDE do table.remove(entries, i) end
      return
    end
  end
end

local function small_put(entries, parcel, day, amount, member)
  local n = #entries
  entries[n + 1], entries[n + 2], entries[n + 3], entries[n + 4] = parcel, day, amount, member
end

local function small_totals(entries, day, span)
  local cents, parcels = 0, 0
  for i = 2, #entries, STRIDE do
    if entries[i] > day - span and entries[i] <= day then
      cents, parcels = cents + entries[i + 1], parcels + 1
    end
  end
  return { cents, parcels }
end

local function latest_days(entries)
  local latest = {}
  for i = 2, #entries, STRIDE do
    local member = entries[i + 2]
    if not latest[member] or latest[member] < entries[i] then latest[member] = entries[i] end
  end
  return latest
end

local function small_distinct(entries, day, spans)
  local latest, counts = latest_days(entries), {}
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

-- Writes the day's additions that wait: a sorted set takes many at once, and is read only for corrections.
local function write_pending(ledger)
  for day, elements in pairs(ledger.pending) do
    local day_key = ledger.key .. ':' .. day
    for first = 1, #elements, SLICE do
      redis.call('ZADD', day_key, unpack(elements, first, math.min(first + SLICE - 1, #elements)))
    end
    redis.call('PEXPIREAT', day_key, ledger.window.expires)
  end
  ledger.pending = {}
end

local function busy_add_member(ledger, parcel, day, member)
  local elements = ledger.pending[day] or {}
  ledger.pending[day] = elements
  local n = #elements
  elements[n + 1], elements[n + 2] = 0, member .. parcel
  local members, counts = ledger.key .. ':m', ledger.counts
  if redis.call('ZADD', members, 'NX', day, member) == 1 then
    for floor, count in pairs(counts) do
      if day > floor then counts[floor] = count + 1 end
    end
  elseif redis.call('ZADD', members, 'GT', 'CH', day, member) == 1 then
    ledger.counts = {}
  end
end

local function has_member(ledger, day, member)
  local first = redis.call(
    'ZRANGEBYLEX', ledger.key .. ':' .. day, '[' .. member, '(' .. member .. '\255', 'LIMIT', 0, 1)
  return #first > 0
end

-- When the latest day of a member is gone, fall back to the last one before it that has the member.
local function busy_drop_member(ledger, parcel, day, member)
  write_pending(ledger)
  local members = ledger.key .. ':m'
  if redis.call('ZREM', ledger.key .. ':' .. day, member .. parcel) == 0 then return end
  if has_member(ledger, day, member) then return end
  if tonumber(redis.call('ZSCORE', members, member)) ~= day then return end
  ledger.counts = {}
  for before = day - 1, day - ledger.window.days, -1 do
    if has_member(ledger, before, member) then return redis.call('ZADD', members, before, member) end
  end
  redis.call('ZREM', members, member)
end

local function busy_drop_amount(ledger, parcel, day)
  local day_key = ledger.key .. ':' .. day
  local amount = redis.call('HGET', day_key, 'p' .. parcel)
  if not amount then return end
  redis.call('HDEL', day_key, 'p' .. parcel)
  redis.call('HINCRBY', day_key, 's', 0 - amount) -- not -amount: minus zero is no integer to Redis
  redis.call('HINCRBY', day_key, 'n', -1)
end

local function busy_add_amount(ledger, parcel, day, amount)
  busy_drop_amount(ledger, parcel, day)
  local day_key = ledger.key .. ':' .. day
  redis.call('HSET', day_key, 'p' .. parcel, amount)
  redis.call('HINCRBY', day_key, 's', amount)
  redis.call('HINCRBY', day_key, 'n', 1)
  redis.call('PEXPIREAT', day_key, ledger.window.expires)
end

local function busy_put(ledger, parcel, day, amount, member)
  if ledger.window.measure == TOTALS then return busy_add_amount(ledger, parcel, day, amount) end
  busy_add_member(ledger, parcel, day, member)
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
    local floor = day - span
    local count = ledger.counts[floor] or redis.call('ZCOUNT', ledger.key .. ':m', '(' .. floor, '+inf')
    counts[i], ledger.counts[floor] = count, count
  end
  return counts
end

local function grow(ledger)
  local entries = ledger.entries
  ledger.busy, ledger.pending, ledger.counts, ledger.entries = true, {}, {}, nil
  for i = 1, #entries, STRIDE do busy_put(ledger, unpack(entries, i, i + STRIDE - 1)) end
end

local function keep_busy(ledger)
  redis.call('SET', ledger.key, BUSY, 'PXAT', ledger.window.expires)
  if ledger.window.measure == TOTALS then return end
  write_pending(ledger)
  local members = ledger.key .. ':m'
  if redis.call('ZCARD', members) > MEMBERS_KEPT then
    redis.call('ZREMRANGEBYRANK', members, 0, -MEMBERS_KEPT - 1)
  end
  redis.call('PEXPIREAT', members, ledger.window.expires)
end

-- Either kind ---------------------------------------------------------------------------------------

local function take(ledger, parcel, day, member)
  ledger.changed = true
  if not ledger.busy then return small_take(ledger.entries, parcel) end
  if ledger.window.measure == TOTALS then return busy_drop_amount(ledger, parcel, day) end
  busy_drop_member(ledger, parcel, day, member)
end

local function put(ledger, parcel, day, amount, member)
  ledger.changed = true
  if ledger.window.measure == TOTALS then member = '' end
  if ledger.busy then return busy_put(ledger, parcel, day, amount, member) end
  if #ledger.entries == 0 then
    ledger.entries = { parcel, day, amount, member }
    return
  end
  small_take(ledger.entries, parcel)
  small_put(ledger.entries, parcel, day, amount, member)
  if #ledger.entries > STRIDE * small_limit then grow(ledger) end
end

-- Most ledgers hold one parcel, the one that asks: their answer is known (1 us less for each).
local function ask(ledger, day)
  local window, entries = ledger.window, ledger.entries
  if window.measure == TOTALS then
    if ledger.busy then return busy_totals(ledger, day, window.spans[1]) end
    return small_totals(entries, day, window.spans[1])
  end
  if ledger.busy then return busy_distinct(ledger, day, window.spans) end
  if #entries == STRIDE and entries[2] == day then return window.one end
  return small_distinct(entries, day, window.spans)
end

local function keep(ledger)
  if not ledger.changed then return end
  if ledger.busy then return keep_busy(ledger) end
  if #ledger.entries == 0 then return redis.call('DEL', ledger.key) end
  redis.call('SET', ledger.key, cmsgpack.pack(ledger.entries), 'PXAT', ledger.window.expires)
end

-- Parcels -------------------------------------------------------------------------------------------
-- A lookup is [parcel, seq, digest, effect, contributions]; contributions are flat, six values each:
-- window, entity (its ledger, once that is loaded), day, amount, member ('' is the parcel), 1 if counted.

local function load_ledgers(lookups)
  local keys, fresh = {}, {}
  for _, lookup in ipairs(lookups) do
    local asked = lookup[5]
    for i = 1, #asked, 6 do
      local ledger, is_new = ledger_of(asked[i], asked[i + 1])
      asked[i + 1] = ledger
      if is_new then
        local n = #keys + 1
        keys[n], fresh[n] = ledger.key, ledger
      end
    end
  end
  for i, value in ipairs(read_many(keys)) do fill(fresh[i], value) end
end

local function compared(seq, digest, record)
  if seq ~= record[1] then return seq < record[1] and LATE or NEW end
  if digest == record[2] then return REPEAT end
  return digest < record[2] and LATE or NEW
end

local function place_of(member, members)
  for i, known in ipairs(members) do
    if known == member then return i end
  end
  members[#members + 1] = member
  return #members
end

local function count_in(lookup, parcel)
  local asked, counted, members = lookup[5], {}, {}
  for i = 1, #asked, 6 do
    if asked[i + 5] == 1 then
      local ledger, day, member, n = asked[i + 1], asked[i + 2], asked[i + 4], #counted
      if member == '' then member = parcel end
      put(ledger, parcel, day, asked[i + 3], member)
      counted[n + 1], counted[n + 2], counted[n + 3] = asked[i], ledger.entity, day
      counted[n + 4] = place_of(member, members)
    end
  end
  return counted, members
end

local function take_back(record, parcel)
  local counted, members = record[4], record[5]
  for i = 1, #counted, 4 do
    take(filled_ledger_of(counted[i], counted[i + 1]), parcel, counted[i + 2], members[counted[i + 3]])
  end
end

local function answers_to(lookup)
  local asked, out = lookup[5], {}
  for i = 2, #asked, 6 do out[#out + 1] = ask(asked[i], asked[i + 1]) end
  return out
end

-- The answer to a lookup, and the parcel's record if it is another one now.
local function answered(lookup, record)
  local effect = lookup[4]
  if effect == LOOK then return { NEW, answers_to(lookup) } end
  local standing = record and compared(lookup[2], lookup[3], record) or NEW
  if standing == REPEAT and 6 * #record[3] == #lookup[5] then return { REPEAT, record[3] } end
  if standing ~= NEW then return { standing, answers_to(lookup) } end
  local parcel, counted, members = string.sub(lookup[1], 1, SHORT), {}, {}
  if record then take_back(record, parcel) end
  if effect == COUNT then counted, members = count_in(lookup, parcel) end
  local out = answers_to(lookup)
  return { NEW, out }, { lookup[2], lookup[3], out, counted, members }
end

-- The same parcel may come twice in a batch: its record is read from here, not from Redis again.
local function screen(lookups, expires)
  local keys, records, changed, answers = keys_of(lookups, 'tw:count:{'), {}, {}, {}
  for i, value in ipairs(read_many(keys)) do
    if value then records[keys[i]] = cmsgpack.unpack(value) end
  end
  for i, lookup in ipairs(lookups) do
    local key = keys[i]
    local answer, record = answered(lookup, records[key])
    answers[i] = answer
    if record then
      records[key], changed[key] = record, record
    end
  end
  for key, record in pairs(changed) do redis.call('SET', key, cmsgpack.pack(record), 'PXAT', expires) end
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

-- Versions ------------------------------------------------------------------------------------------

-- A worker tells how many of its calls were answered. If fewer are known here, a replica that lagged has
-- been promoted, and a new epoch says so to all; a Redis that was emptied has no epoch and gets one.
local function epoch_after(worker, answers, new_epoch, expires)
  local key = 'tw:answered:' .. worker
  local known = tonumber(redis.call('GET', key) or 0)
  if known < answers then
    redis.call('SET', 'tw:epoch', new_epoch)
  else
    redis.call('SET', 'tw:epoch', new_epoch, 'NX')
  end
  redis.call('SET', key, math.max(known, answers) + 1, 'PXAT', expires)
  return redis.call('GET', 'tw:epoch')
end

local function versions(generation)
  local values = redis.call('MGET', 'tw:lists:current', 'tw:rules:current', 'tw:local:version')
  for i = 1, 3 do values[i] = values[i] or '' end
  values[4] = generation == '0' or redis.call('EXISTS', 'tw:lists:gen:' .. generation) == 1
  return values
end

-- Absolute times of expiry: SET with a relative one is rewritten for the replicas, at a third of its cost.
local function days_from_now(days)
  return string.format('%.0f', redis.call('TIME')[1] * 1000 + days * DAY_MS)
end

local function open_windows(asked)
  windows, ledgers = {}, {}
  for i, window in ipairs(asked) do
    local spans, one = window[2], {}
    local days = math.max(unpack(spans))
    for k = 1, #spans do one[k] = 1 end
    windows[i] = {
      measure = window[1], spans = spans, days = days, one = one,
      prefix = 'tw:w' .. (i - 1) .. ':{', expires = days_from_now(days + 2),
    }
  end
end

-- One argument: msgpack of [terms, windows, lookups, identifiers], where terms are [small limit, days that a
-- record lives, generation, worker, its answered calls, an epoch if a new one is due] and windows are
-- [measure, spans] by number. Answers msgpack of [versions, epoch, answers, hits], then the histories.
local function gather(_, arguments)
  local terms, asked_windows, lookups, asked = unpack(cmsgpack.unpack(arguments[1]))
  local expires = days_from_now(terms[2])
  small_limit = terms[1]
  open_windows(asked_windows)
  load_ledgers(lookups)
  local epoch = epoch_after(terms[4], terms[5], terms[6], expires)
  local answers, hits = screen(lookups, expires), identified(terms[3], asked)
  local out = read_many(keys_of(lookups, 'tw:parcel:{'))
  table.insert(out, 1, cmsgpack.pack({ versions(terms[3]), epoch, answers, hits }))
  return out
end

-- Arguments: days, token, history, token, history, ... (not msgpack: cmsgpack reads no binary values).
local function remember(_, arguments)
  local expires = days_from_now(arguments[1])
  for i = 2, #arguments, 2 do
    redis.call('SET', 'tw:parcel:{' .. arguments[i] .. '}', arguments[i + 1], 'PXAT', expires)
  end
  return (#arguments - 1) / 2
end

redis.register_function('tidewaiter_gather_@VERSION@', gather)
redis.register_function('tidewaiter_remember_@VERSION@', remember)
