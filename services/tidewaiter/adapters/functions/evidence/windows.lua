-- A window's ledgers, of either kind: put in, take out, ask, keep.

local function take(ledger, parcel, day, member)
  ledger.changed = true
  if not ledger.busy then return small_take(ledger, parcel) end
  if ledger.window.measure == TOTALS then return busy_drop_amount(ledger, parcel, day) end
  busy_drop_member(ledger, parcel, day, member)
end

local function put(ledger, parcel, day, amount, member)
  ledger.changed = true
  if ledger.busy then return busy_put(ledger, parcel, day, amount, member) end
  small_put(ledger, parcel, day, amount, member)
  if #ledger.value > ledger.window.size * small_limit then grow(ledger) end
end

local function ask(ledger, day)
  local window = ledger.window
  if window.measure == TOTALS then
    return (ledger.busy and busy_totals or small_totals)(ledger, day, window.spans[1])
  end
  if ledger.busy then return busy_distinct(ledger, day, window.spans) end
  -- Most ledgers have one parcel, the one that asks: no table for them.
  if #ledger.value == window.size then
    local _, only = struct.unpack(window.format, ledger.value)
    if only == day then return window.one end
  end
  return small_distinct(ledger, day, window.spans)
end

local function keep(ledger)
  if not ledger.changed then return end
  if ledger.busy then return keep_busy(ledger) end
  if ledger.value == '' then return redis.call('DEL', ledger.key) end
  redis.call('SET', ledger.key, ledger.value, 'PXAT', end_of(ledger.window, latest_day(ledger)))
end
