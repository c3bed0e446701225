-- Rebuilding from the log what a Redis that was emptied has lost, a share of its partitions at a time.
--
--   tw:rebuild   a hash of one life: epoch; shares; warm, once all of them are done; since, from when on the
--                log had everything (milliseconds; 0: from its beginning); s<n>, 'done' or the worker that
--                rebuilds share n; u<n>, until when it is his

local REBUILD = 'tw:rebuild'
local GONE, WAIT, WARM = -3, -2, -1

local function milliseconds()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

local function lease(share, worker, lasts)
  redis.call('HSET', REBUILD, 's' .. share, worker, 'u' .. share, milliseconds() + lasts)
end

local function is_leased(epoch, share, worker)
  if not is_life(epoch) or redis.call('HGET', REBUILD, 'epoch') ~= epoch then return false end
  return redis.call('HGET', REBUILD, 's' .. share) == worker
end

-- The first share that is neither done nor in anybody's hands, and how many are done.
local function open_share(shares)
  local done, now = 0, milliseconds()
  for n = 0, shares - 1 do
    local holder, till = unpack(redis.call('HMGET', REBUILD, 's' .. n, 'u' .. n))
    if holder == 'done' then
      done = done + 1
    elseif not holder or tonumber(till) < now then
      return n, done
    end
  end
  return nil, done
end

-- Arguments: epoch, number of shares, worker, milliseconds that the share is his. The share, or one of the
-- codes. In a life that is warm the number of shares may be another: partitions were added since.
local function take_share(_, arguments)
  local epoch, shares, worker, lasts = unpack(arguments)
  if not is_life(epoch) then return GONE end
  if redis.call('HGET', REBUILD, 'epoch') ~= epoch then
    redis.call('DEL', REBUILD)
    redis.call('HSET', REBUILD, 'epoch', epoch, 'shares', shares, 'since', 0)
  end
  if redis.call('HGET', REBUILD, 'warm') then return WARM end
  local share, done = open_share(tonumber(shares))
  if share then
    lease(share, worker, lasts)
    return share
  end
  if done < tonumber(shares) then return WAIT end
  redis.call('HSET', REBUILD, 'warm', 1)
  return WARM
end

-- Arguments: epoch, share, worker, milliseconds more that the share is his, days (two), histories. 1, or 0
-- and nothing kept where the share is not his any more: a history that others wrote since stays.
local function restore(_, arguments)
  local epoch, share, worker, lasts, days, inspected_days = unpack(arguments, 1, 6)
  if not is_leased(epoch, share, worker) then return 0 end
  lease(share, worker, lasts)
  keep_histories(arguments, 7, days, inspected_days)
  return 1
end

-- Arguments: epoch, share, worker, since. 1, or 0 where the share is not his any more.
local function finish_share(_, arguments)
  local epoch, share, worker, since = unpack(arguments)
  if not is_leased(epoch, share, worker) then return 0 end
  redis.call('HSET', REBUILD, 's' .. share, 'done')
  if tonumber(redis.call('HGET', REBUILD, 'since')) < tonumber(since) then
    redis.call('HSET', REBUILD, 'since', since)
  end
  return 1
end

redis.register_function('tidewaiter_take_share_@VERSION@', take_share)
redis.register_function('tidewaiter_restore_@VERSION@', restore)
redis.register_function('tidewaiter_finish_share_@VERSION@', finish_share)
