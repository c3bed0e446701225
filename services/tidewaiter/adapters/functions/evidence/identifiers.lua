-- Identifiers on the lists of a generation and on the officers' own.
--
-- Asked for a kind at a time, [kind, tokens], for each there is; told as hits alone, flat, four values each:
-- the kind's place, the token's place, what the generation's list says, what the officers' says ('' is
-- nothing). And whether the generation has each kind: its loader leaves a hash even for one of which the
-- lists have none.

local function listed(generation, kind)
  if generation == '0' then return {}, true end
  local hash = 'tw:lists:ids:' .. generation .. ':' .. kind[1]
  local size = redis.call('HGET', hash, '')
  if not size or size == '0' then return {}, size end
  return read_many(kind[2], hash), true
end

local function officers(kind)
  local hash = 'tw:local:ids:' .. kind[1]
  if #kind[2] == 0 or redis.call('EXISTS', hash) == 0 then return {} end
  return read_many(kind[2], hash)
end

local function identified(generation, asked)
  local hits, has_all = {}, true
  for k, kind in ipairs(asked) do
    local list, is_there = listed(generation, kind)
    local own = officers(kind)
    if not is_there then has_all = false end
    for i = 1, #kind[2] do
      if list[i] or own[i] then
        local n = #hits
        hits[n + 1], hits[n + 2], hits[n + 3], hits[n + 4] = k - 1, i - 1, list[i] or '', own[i] or ''
      end
    end
  end
  return hits, has_all
end
