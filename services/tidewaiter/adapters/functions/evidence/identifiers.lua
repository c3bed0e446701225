-- Identifiers on the lists of a generation and on the officers' own.
--
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
