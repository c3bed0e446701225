-- The functions that are called, and the versions that every answer names.

local function is_life(epoch)
  return redis.call('GET', 'tw:epoch') == epoch
end

-- A worker tells how many of its calls were answered. If fewer are known here, a replica that lagged has
-- been promoted, and a new epoch says so to all; a Redis that was emptied has no epoch and gets one. A life
-- that the worker does not expect is new already: drawn again, what was rebuilt in it would count as lost.
local function epoch_after(worker, answers, new_epoch, expires, expected)
  local key = 'tw:answered:' .. worker
  local known = tonumber(redis.call('GET', key) or 0)
  if known < answers and (expected == '' or is_life(expected)) then
    redis.call('SET', 'tw:epoch', new_epoch)
  else
    redis.call('SET', 'tw:epoch', new_epoch, 'NX')
  end
  redis.call('SET', key, math.max(known, answers) + 1, 'PXAT', expires)
  return redis.call('GET', 'tw:epoch')
end

local function versions(generation)
  local values = redis.call(
    'MGET', 'tw:lists:current', 'tw:rules:current', 'tw:local:version', 'tw:lists:confirmed'
  )
  for i = 1, 4 do values[i] = values[i] or '' end
  values[5] = generation == '0' or redis.call('EXISTS', 'tw:lists:gen:' .. generation) == 1
  return values
end

-- Times of expiry are absolute: SET with a relative one is rewritten by Redis for its replicas, every time.
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
      measure = window[1], spans = spans, days = days, one = cmsgpack.pack(one),
      format = FORMATS[window[1]][1], size = FORMATS[window[1]][2],
      prefix = 'tw:w' .. (i - 1) .. ':{', expires = days_from_now(days + 2),
    }
  end
end

-- One argument: msgpack of [terms, windows, lookups, identifiers], where terms are [small limit, days that a
-- record lives, generation, worker, its answered calls, an epoch if a new one is due, the epoch expected]
-- and windows are [measure, spans] by number. Returns msgpack of [versions, epoch, hits], the answers, and
-- the histories. In another life than the expected one ('' is any) nothing is counted: answers that windows
-- gave while they were cold would be kept for whoever asks again.
local function gather(_, arguments)
  local terms, asked_windows, lookups, asked = unpack(cmsgpack.unpack(arguments[1]))
  local expires = days_from_now(terms[2])
  local epoch = epoch_after(terms[4], terms[5], terms[6], expires, terms[7])
  if terms[7] ~= '' and terms[7] ~= epoch then
    return { cmsgpack.pack({ versions(terms[3]), epoch, {} }), cmsgpack.pack({}) }
  end
  small_limit = terms[1]
  open_windows(asked_windows)
  load_ledgers(lookups)
  local answers, hits = screen(lookups, expires), identified(terms[3], asked)
  local out = read_many(keys_of(lookups, 'tw:parcel:{'))
  table.insert(out, 1, cmsgpack.pack({ versions(terms[3]), epoch, hits }))
  table.insert(out, 2, answers)
  return out
end

-- Histories are told as token, 1 if officers have seen the parcel, history, the one that it was decided on
-- ('' is none), token, ... from a place in the arguments on (not msgpack: cmsgpack reads no binary values).
local function keep_histories(arguments, first, days, inspected_days)
  local expires = { ['0'] = days_from_now(days), ['1'] = days_from_now(inspected_days) }
  for i = first, #arguments, 4 do
    local token, is_inspected, history = unpack(arguments, i, i + 2)
    redis.call('SET', 'tw:parcel:{' .. token .. '}', history, 'PXAT', expires[is_inspected])
  end
  return (#arguments - first + 1) / 4
end

-- Whether some parcel has another history by now than the one that was decided on.
local function is_overtaken(arguments, first)
  local keys = {}
  for i = first, #arguments, 4 do keys[#keys + 1] = 'tw:parcel:{' .. arguments[i] .. '}' end
  for n, history in ipairs(read_many(keys)) do
    if (history or '') ~= arguments[first + 4 * n - 1] then return true end
  end
  return false
end

-- Arguments: days, days of those that officers have seen, the epoch expected ('' is any), histories.
-- In another life nothing is kept: -1. Nor where another worker has kept a history since: -2.
local function remember(_, arguments)
  local days, inspected_days, epoch = unpack(arguments, 1, 3)
  if epoch ~= '' and not is_life(epoch) then return -1 end
  if is_overtaken(arguments, 4) then return -2 end
  return keep_histories(arguments, 4, days, inspected_days)
end

redis.register_function('tidewaiter_gather_@VERSION@', gather)
redis.register_function('tidewaiter_remember_@VERSION@', remember)
