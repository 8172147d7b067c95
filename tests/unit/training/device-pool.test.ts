import { describe, expect, it } from '@jest/globals';
import { DevicePool } from '../../../lib/training/device-pool';

const never = new AbortController().signal;

/** Whether a promise is still open once everything that could settle it now has run. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(open)])) === open;
}

describe('a device pool', () => {
  it('lends each GPU to one run at a time', async () => {
    const pool = new DevicePool(['GPU-a', 'GPU-b']);
    const one = await pool.lease(1, never);
    const other = await pool.lease(1, never);
    expect([...one.devices, ...other.devices].sort()).toEqual(['GPU-a', 'GPU-b']);
    const third = pool.lease(1, never);
    expect(await isOpen(third)).toBe(true);
    other.release();
    expect((await third).devices).toEqual(other.devices);
  });

  it('gives a GPU back once, however often that is said', async () => {
    const pool = new DevicePool(['GPU-a']);
    const one = await pool.lease(1, never);
    one.release();
    const other = await pool.lease(1, never);
    one.release();
    expect(await isOpen(pool.lease(1, never))).toBe(true);
    other.release();
  });

  it('never lends what one who waited was just given', async () => {
    const pool = new DevicePool(['GPU-a']);
    const one = await pool.lease(1, never);
    const waited = pool.lease(1, never);
    one.release();
    const late = pool.lease(1, never);
    expect((await waited).devices).toEqual(['GPU-a']);
    expect(await isOpen(late)).toBe(true);
  });

  it('lends several to one run, which others that want fewer do not pass by', async () => {
    const pool = new DevicePool(['GPU-a', 'GPU-b']);
    const one = await pool.lease(1, never);
    const both = pool.lease(2, never);
    const small = pool.lease(1, never);
    expect(await isOpen(small)).toBe(true);
    one.release();
    const lease = await both;
    expect([...lease.devices].sort()).toEqual(['GPU-a', 'GPU-b']);
    lease.release();
    expect((await small).devices).toHaveLength(1);
  });

  it('lets one who waits go away, and serves those behind', async () => {
    const pool = new DevicePool(['GPU-a', 'GPU-b']);
    const one = await pool.lease(1, never);
    const gone = new AbortController();
    const both = pool.lease(2, gone.signal);
    const small = pool.lease(1, never);
    gone.abort(new Error('cancelled'));
    await expect(both).rejects.toThrow('cancelled');
    expect((await small).devices).toHaveLength(1);
    await expect(pool.lease(1, gone.signal)).rejects.toThrow('cancelled');
    one.release();
  });

  it('says how many there are where a run asks for more, which no retry mends', async () => {
    await expect(new DevicePool(['GPU-a', 'GPU-b']).lease(3, never)).rejects.toMatchObject({
      type: 'start-refused',
      retryable: false,
      message: expect.stringMatching(/asks for 3 GPUs \(devices\), and this worker has 2\./),
    });
  });

  it('lends nothing, at once, where there is no GPU', async () => {
    const pool = new DevicePool([]);
    const leases = await Promise.all([pool.lease(1, never), pool.lease(4, never)]);
    expect(leases.map(({ devices }) => devices)).toEqual([[], []]);
    expect(pool.size).toBe(0);
  });
});
