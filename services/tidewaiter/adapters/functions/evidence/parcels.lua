-- What each parcel counts: in place of its earlier sequences, and once.
--
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

-- Counts a lookup's contributions and says what they were, for the day they are to be taken back.
local function count_in(lookup, parcel)
  local asked, counted = lookup[5], {}
  for i = 1, #asked, 6 do
    if asked[i + 5] == 1 then
      local ledger, day, member = asked[i + 1], asked[i + 2], asked[i + 4]
      if member == '' then member = parcel end
      put(ledger, parcel, day, asked[i + 3], member)
      counted[#counted + 1] = struct.pack(COUNTED, asked[i], ledger.entity, day, member)
    end
  end
  return table.concat(counted)
end

local function take_back(counted, parcel)
  for i = 1, #counted, COUNTED_SIZE do
    local window, entity, day, member = struct.unpack(COUNTED, counted, i)
    take(filled_ledger_of(window, entity), parcel, day, member)
  end
end

local function answers_to(lookup)
  local asked, out = lookup[5], {}
  for i = 2, #asked, 6 do out[#out + 1] = ask(asked[i], asked[i + 1]) end
  return ARRAY .. struct.pack('>I4', #out) .. table.concat(out)
end

-- The standing of a lookup, its packed answers, and the parcel's record if it is another one now.
local function answered(lookup, record)
  local _, seq, digest, effect, asked = unpack(lookup)
  if effect == LOOK then return NEW, answers_to(lookup) end
  local standing = record and compared(seq, digest, record) or NEW
  if effect == RESTORE and standing ~= NEW then return standing, NOTHING end
  if standing == REPEAT and record[3] == FORM + #asked then return REPEAT, record[4] end
  if standing ~= NEW then return standing, answers_to(lookup) end
  local parcel, counted = string.sub(lookup[1], 1, SHORT), ''
  if record then take_back(record[5], parcel) end
  if effect == RESTORE then return NEW, NOTHING, { seq, digest, UNANSWERED, '', count_in(lookup, parcel) } end
  if effect == COUNT then counted = count_in(lookup, parcel) end
  local answers = answers_to(lookup)
  return NEW, answers, { seq, digest, FORM + #asked, answers, counted }
end

-- A record as it was packed, or nil for what is none: its parcel is counted anew, and what it counted before
-- stays in the windows until their end. Raised instead, it would keep all parcels beside it waiting.
local function whole(is_read, seq, digest, asked, answers, counted)
  local is_record = is_read and type(seq) == 'number' and type(digest) == 'string'
    and type(answers) == 'string' and type(counted) == 'string' and #counted % COUNTED_SIZE == 0
  return is_record and { seq, digest, asked, answers, counted } or nil
end

-- Answers are msgpack of [[standing, answers], ...], put together by hand: they are packed already.
-- The same parcel may come twice in a batch: its record is read from here, not from Redis again.
local function screen(lookups, expires)
  local keys, records, changed = keys_of(lookups, 'tw:count:{'), {}, {}
  local parts = { ARRAY .. struct.pack('>I4', #lookups) }
  for i, value in ipairs(read_many(keys)) do
    if value then records[keys[i]] = whole(pcall(cmsgpack.unpack, value)) end
  end
  for i, lookup in ipairs(lookups) do
    local key = keys[i]
    local standing, answers, record = answered(lookup, records[key])
    parts[2 * i], parts[2 * i + 1] = standing, answers
    if record then
      records[key], changed[key] = record, record
    end
  end
  for key, record in pairs(changed) do
    redis.call('SET', key, cmsgpack.pack(unpack(record)), 'PXAT', expires)
  end
  for _, ledger in pairs(ledgers) do keep(ledger) end
  return table.concat(parts)
end
