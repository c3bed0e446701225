-- Ledgers of many parcels: kept counts, so that a question costs the same for three parcels and a million.

-- Writes the day's additions that wait: a sorted set takes many at once, and is read only for corrections.
local function write_pending(ledger)
  for day, elements in pairs(ledger.pending) do
    local day_key = ledger.key .. ':' .. day
    for first = 1, #elements, SLICE do
      redis.call('ZADD', day_key, unpack(elements, first, math.min(first + SLICE - 1, #elements)))
    end
    redis.call('PEXPIREAT', day_key, end_of(ledger.window, day))
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
  redis.call('PEXPIREAT', day_key, end_of(ledger.window, day))
end

local function busy_put(ledger, parcel, day, amount, member)
  ledger.latest = math.max(ledger.latest or 0, day)
  if ledger.window.measure == TOTALS then return busy_add_amount(ledger, parcel, day, amount) end
  busy_add_member(ledger, parcel, day, member)
end

local function busy_totals(ledger, day, span)
  local cents, parcels = 0, 0
  for each = day - span + 1, day + span - 1 do
    local sums = redis.call('HMGET', ledger.key .. ':' .. each, 's', 'n')
    cents, parcels = cents + (tonumber(sums[1]) or 0), parcels + (tonumber(sums[2]) or 0)
  end
  return PAIR .. cmsgpack.pack(cents, parcels)
end

local function busy_distinct(ledger, day, spans)
  local counts = {}
  for i, span in ipairs(spans) do
    local floor = day - span
    local count = ledger.counts[floor] or redis.call('ZCOUNT', ledger.key .. ':m', '(' .. floor, '+inf')
    counts[i], ledger.counts[floor] = count, count
  end
  return cmsgpack.pack(counts)
end

local function grow(ledger)
  local value, window = ledger.value, ledger.window
  fill(ledger, BUSY)
  for i = 1, #value, window.size do
    local parcel, day, what = struct.unpack(window.format, value, i)
    busy_put(ledger, parcel, day, what, what)
  end
end

-- A key ends no earlier than it did: the latest day that is in it is not read again.
local function end_no_earlier(key, ends)
  redis.call('PEXPIREAT', key, ends, 'NX')
  redis.call('PEXPIREAT', key, ends, 'GT')
end

local function keep_busy(ledger)
  local ends = end_of(ledger.window, ledger.latest or 0)
  redis.call('SET', ledger.key, BUSY, 'KEEPTTL')
  end_no_earlier(ledger.key, ends)
  if ledger.window.measure == TOTALS then return end
  write_pending(ledger)
  local members = ledger.key .. ':m'
  if redis.call('ZCARD', members) > MEMBERS_KEPT then
    redis.call('ZREMRANGEBYRANK', members, 0, -MEMBERS_KEPT - 1)
  end
  end_no_earlier(members, ends)
end
