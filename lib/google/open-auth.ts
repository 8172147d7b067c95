import type { GoogleAuth } from 'google-auth-library';

/**
 * Google's credentials of this process, as its own library finds them; the library is slow to load, and comes when it is asked for.
 *
 * @param endpoint - of a fake in place of Google, which is asked without credentials
 */
export async function openGoogleAuth(endpoint: string | undefined): Promise<GoogleAuth> {
  const { GoogleAuth, PassThroughClient } = await import('google-auth-library');
  if (endpoint === undefined) {
    return new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
  }
  // Node's own fetch: the other one is loaded in a way that tests cannot.
  const authClient = new PassThroughClient({ transporterOptions: { fetchImplementation: fetch } });
  return new GoogleAuth({ authClient, projectId: 'emulator' });
}
