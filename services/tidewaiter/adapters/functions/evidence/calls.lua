-- The functions that are called, and the versions that every answer names.

local function is_life(epoch)
  return redis.call('GET', 'tw:epoch') == epoch
end

-- Calls of a worker are counted, and each answer says how many they are: what it was told last is in every
-- call. If fewer are known here, a replica that lagged has been promoted.
local function calls_known(worker)
  return tonumber(redis.call('GET', 'tw:answered:' .. worker) or 0)
end

local function count_call(worker, known, expires)
  redis.call('SET', 'tw:answered:' .. worker, known + 1, 'PXAT', expires)
  return known + 1
end

-- The epoch, and the calls of a worker with this one. Not counted are calls that ask for nothing, of one that
-- has asked for nothing before: nothing of it can be lost, and one that waits for lists is another each second,
-- whose key would stay. Once it has asked they are: a worker without parcels keeps its key by them.
--
-- A new epoch tells all of calls that were lost; a Redis that was emptied has none and gets one. A life that the
-- worker does not expect is new already: drawn again, what was rebuilt in it would count as lost.
local function epoch_after(worker, answers, new_epoch, expires, expected, is_asking)
  local known = calls_known(worker)
  if known < answers and (expected == '' or is_life(expected)) then
    redis.call('SET', 'tw:epoch', new_epoch)
  else
    redis.call('SET', 'tw:epoch', new_epoch, 'NX')
  end
  local calls = math.max(known, answers)
  if is_asking or calls > 0 then calls = count_call(worker, calls, expires) end
  return redis.call('GET', 'tw:epoch'), calls
end

local function versions(generation, has_identifiers)
  local values = redis.call(
    'MGET', 'tw:lists:current', 'tw:rules:current', 'tw:local:version', 'tw:lists:confirmed'
  )
  for i = 1, 4 do values[i] = values[i] or '' end
  local is_there = generation == '0' or redis.call('EXISTS', 'tw:lists:gen:' .. generation) == 1
  values[5] = is_there and has_identifiers
  return values
end

-- Times of expiry are absolute: SET with a relative one is rewritten by Redis for its replicas, every time.
local function days_from_now(days)
  return string.format('%.0f', redis.call('TIME')[1] * 1000 + days * DAY_MS)
end

local function open_windows(asked)
  windows, ledgers, today = {}, {}, math.floor(redis.call('TIME')[1] * 1000 / DAY_MS)
  for i, window in ipairs(asked) do
    local spans, one = window[2], {}
    local days = math.max(unpack(spans))
    for k = 1, #spans do one[k] = 1 end
    windows[i] = {
      measure = window[1], spans = spans, days = days, one = cmsgpack.pack(one),
      format = FORMATS[window[1]][1], size = FORMATS[window[1]][2],
      prefix = 'tw:w' .. (i - 1) .. ':{', expires = days_from_now(days + 2), ends = {},
    }
  end
end

-- What was kept of each parcel. Of a key of another type, which reads like none, it is a text that no history
-- is: it may have been an order to hold the parcel.
local function histories_of(lookups)
  local keys, absent = keys_of(lookups, 'tw:parcel:{'), {}
  local found = read_many(keys)
  for i, key in ipairs(keys) do
    if not found[i] then absent[#absent + 1] = key end
  end
  if #absent == 0 or redis.call('EXISTS', unpack(absent)) == 0 then return found end
  for i, key in ipairs(keys) do
    if not found[i] and redis.call('EXISTS', key) == 1 then found[i] = '' end
  end
  return found
end

-- One argument: msgpack of [terms, windows, lookups, identifiers], where terms are [small limit, days that a
-- record lives, generation, worker, its answered calls, an epoch if a new one is due, the epoch expected] and
-- windows are [measure, spans] by number. Returns msgpack of [versions, epoch, hits, calls of the worker], the
-- answers, and the histories. In another life than the expected one ('' is any) nothing is counted: answers
-- that windows gave while they were cold would be kept for whoever asks again.
local function gather(_, arguments)
  local terms, asked_windows, lookups, asked = unpack(cmsgpack.unpack(arguments[1]))
  local expires = days_from_now(terms[2])
  local epoch, calls = epoch_after(terms[4], terms[5], terms[6], expires, terms[7], #lookups > 0)
  if terms[7] ~= '' and terms[7] ~= epoch then
    return { cmsgpack.pack({ versions(terms[3], true), epoch, {}, calls }), cmsgpack.pack({}) }
  end
  small_limit = terms[1]
  open_windows(asked_windows)
  load_ledgers(lookups)
  local answers = screen(lookups, expires)
  local hits, has_identifiers = identified(terms[3], asked)
  local out = histories_of(lookups)
  table.insert(out, 1, cmsgpack.pack({ versions(terms[3], has_identifiers), epoch, hits, calls }))
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

-- Arguments: days, days of those that officers have seen, the epoch expected ('' is any), worker, its answered
-- calls, histories. The calls of the worker. In another life, or one that has lost calls, nothing is kept: -1.
-- Nor where another worker has kept a history since: -2.
local function remember(_, arguments)
  local days, inspected_days, epoch, worker, answers = unpack(arguments, 1, 5)
  local known = calls_known(worker)
  if (epoch ~= '' and not is_life(epoch)) or known < tonumber(answers) then return -1 end
  if is_overtaken(arguments, 6) then return -2 end
  keep_histories(arguments, 6, days, inspected_days)
  return count_call(worker, known, days_from_now(days))
end

redis.register_function('tidewaiter_gather_@VERSION@', gather)
redis.register_function('tidewaiter_remember_@VERSION@', remember)
