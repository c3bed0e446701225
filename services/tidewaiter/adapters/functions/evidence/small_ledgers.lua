-- Ledgers of few parcels: one string, an entry a parcel, counted anew at every question.

local function small_take(ledger, parcel)
  local value, size = ledger.value, ledger.window.size
  if not string.find(value, parcel, 1, true) then return end
  for i = 1, #value, size do
    if string.sub(value, i, i + SHORT - 1) == parcel then
      ledger.value = string.sub(value, 1, i - 1) .. string.sub(value, i + size)
      return
    end
  end
end

local function small_put(ledger, parcel, day, amount, member)
  local window = ledger.window
  if ledger.value ~= '' then small_take(ledger, parcel) end
  local what = window.measure == TOTALS and amount or member
  ledger.value = ledger.value .. struct.pack(window.format, parcel, day, what)
end

local function small_totals(ledger, day, span)
  local value, window, cents, parcels = ledger.value, ledger.window, 0, 0
  for i = 1, #value, window.size do
    local _, each, amount = struct.unpack(window.format, value, i)
    if each > day - span and each < day + span then
      cents, parcels = cents + amount, parcels + 1
    end
  end
  return PAIR .. cmsgpack.pack(cents, parcels)
end

local function latest_day(ledger)
  local value, window, latest = ledger.value, ledger.window, 0
  for i = SHORT + 1, #value, window.size do
    latest = math.max(latest, (struct.unpack('>i3', value, i)))
  end
  return latest
end

local function latest_days(ledger)
  local value, window, latest = ledger.value, ledger.window, {}
  for i = 1, #value, window.size do
    local _, day, member = struct.unpack(window.format, value, i)
    if not latest[member] or latest[member] < day then latest[member] = day end
  end
  return latest
end

local function small_distinct(ledger, day, spans)
  local latest, counts = latest_days(ledger), {}
  for i, span in ipairs(spans) do
    local count = 0
    for _, last in pairs(latest) do
      if last > day - span then count = count + 1 end
    end
    counts[i] = count
  end
  return cmsgpack.pack(counts)
end
