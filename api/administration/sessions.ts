import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../lib/storage/refs';

/** A browser in which somebody has shown a token. */
export interface Session {
  readonly principal: string;
  /** Stands in every form of this session's pages, so that no other site's form is taken for one. */
  readonly formToken: string;
  readonly until: number;
  /** What the next page says, once. */
  notice?: { readonly text: string; readonly isGood: boolean } | undefined;
}

const cookie = 'drover_admin';
const lastsMs = 8 * 3_600_000;
/** More than a team has; the oldest give way, so that nobody fills the memory. */
const most = 100;

export interface Sessions {
  /**
   * @param overTls - the cookie then goes over TLS alone
   * @returns the value of `Set-Cookie`
   */
  begin(principal: string, overTls: boolean): string;
  /** @param header - the request's `Cookie` */
  find(header: string | undefined): Session | undefined;
  /** @returns the value of `Set-Cookie` that takes the cookie away. */
  end(header: string | undefined): string;
}

const attributes = 'Path=/; HttpOnly; SameSite=Strict';

/** Sessions in this process's memory: a restart ends them all. @param now - milliseconds since 1970 */
export function createSessions(now: () => number = Date.now): Sessions {
  // By the digest of what the cookie holds, so that what is in memory opens nothing.
  const sessions = new Map<string, Session>();

  function keyOf(header: string | undefined): string {
    const value = new RegExp(`(?:^|;\\s*)${cookie}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(header ?? '')?.[1];
    return sha256(value ?? '');
  }

  return {
    begin(principal, overTls) {
      const value = randomBytes(32).toString('base64url');
      const formToken = randomBytes(32).toString('base64url');
      for (const oldest of [...sessions.keys()].slice(0, Math.max(0, sessions.size + 1 - most))) {
        sessions.delete(oldest);
      }
      sessions.set(sha256(value), { principal, formToken, until: now() + lastsMs });
      return `${cookie}=${value}; ${attributes};${overTls ? ' Secure;' : ''} Max-Age=${lastsMs / 1000}`;
    },
    find(header) {
      const key = keyOf(header);
      const session = sessions.get(key);
      if (session === undefined || now() < session.until) return session;
      sessions.delete(key);
      return undefined;
    },
    end(header) {
      sessions.delete(keyOf(header));
      return `${cookie}=; ${attributes}; Max-Age=0`;
    },
  };
}

/** Whether a form carries its session's token. */
export function isFormOf(session: Session, shown: string): boolean {
  const digest = (text: string): Buffer => Buffer.from(sha256(text), 'hex');
  return timingSafeEqual(digest(shown), digest(session.formToken));
}
