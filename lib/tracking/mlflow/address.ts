import { Failure } from '../../../contracts/failures';

/**
 * The address of an MLflow server, without a slash at its end. It comes from whoever runs the worker, so it may be
 * private: MLflow usually is.
 *
 * @throws Failure `configuration-invalid` where it is not http(s), or holds credentials, a query or a fragment; its
 *   message names none of it
 */
export function requireMlflowAddress(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isWeb || url.search !== '' || url.hash !== '') {
    throw new Failure(
      'configuration-invalid',
      'DROVER_MLFLOW_URI is not the address of an MLflow server: expected http://host:port or https://host/path.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new Failure(
      'configuration-invalid',
      'DROVER_MLFLOW_URI holds a user or a password. Take them out, and give a token in DROVER_MLFLOW_TOKEN.',
    );
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
