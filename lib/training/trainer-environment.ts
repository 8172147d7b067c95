import type { Precision } from '../../contracts/schemas/run';
import type { Settings } from '../../contracts/schemas/settings';

/** What a trainer may know of its worker's environment: how to find programs, libraries and credentials. */
const inherited = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'TZ',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'CUDA_HOME',
  'CUDA_VISIBLE_DEVICES',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CLOUD_PROJECT',
  'CLOUDSDK_CONFIG',
  'GCE_METADATA_HOST',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/**
 * What trainers inherit of where training is to be on a device: on `cpu`, CUDA shows them no GPU, whichever
 * TensorFlow is linked.
 */
export function environmentOn(
  device: Settings['device'],
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return device === 'cpu' ? { ...environment, CUDA_VISIBLE_DEVICES: '-1' } : environment;
}

/**
 * The environment of a trainer process. TensorFlow reads its own while it is loaded, so its threads have to
 * stand there from the start.
 *
 * @param options.threads - For one operation; operations run one after another, so that bytes repeat.
 * @param options.visibleDevice - The one GPU to use: its UUID, or as CUDA numbers them; `-1` hides them all.
 * @param options.precision - `float32` where it is absent. Of CUDA's libraries it decides whether they may round
 *   the factors of float32 products to TF32's 10 bits (NVIDIA_TF32_OVERRIDE), as TensorFlow lets them by default.
 */
export function trainerEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  options: { readonly threads: number; readonly visibleDevice?: string; readonly precision?: Precision },
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of inherited) {
    const value = environment[name];
    if (value !== undefined) variables[name] = value;
  }
  return {
    ...variables,
    TF_NUM_INTRAOP_THREADS: String(options.threads),
    TF_NUM_INTEROP_THREADS: '1',
    OMP_NUM_THREADS: String(options.threads),
    // cuDNN's kernels alone: TF_DETERMINISTIC_OPS has a GPU refuse the cross entropy's, which have no other form there.
    TF_CUDNN_DETERMINISTIC: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Without it the first trainer takes all of a GPU's memory.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...(options.precision !== 'tf32' && { NVIDIA_TF32_OVERRIDE: '0' }),
    ...(options.visibleDevice !== undefined && { CUDA_VISIBLE_DEVICES: options.visibleDevice }),
  };
}
