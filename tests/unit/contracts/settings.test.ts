import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../../contracts/schemas/settings';

const storeOf = (place: string): string => readSettings({ DROVER_STORE: place }, '/project').store;

describe('DROVER_STORE', () => {
  it('is a folder, from the project where it is relative, a file URL or a bucket', () => {
    expect(storeOf('pictures')).toBe('/project/pictures');
    expect(storeOf('/srv/pictures')).toBe('/srv/pictures');
    expect(storeOf('file:///srv/two%20words')).toBe('/srv/two words');
    expect(storeOf('gs://bucket/prefix')).toBe('gs://bucket/prefix');
    expect(storeOf('GS://bucket')).toBe('gs://bucket');
    expect(storeOf('')).toBe('/project/.drover/store');
  });

  it.each(['s3://bucket/x', 'https://user:hunter2@example.org/x', 'file://elsewhere/srv'])(
    'is not %s, which would become a folder of that name',
    (place) => {
      expect(() => storeOf(place)).toThrow(
        expect.objectContaining({
          type: 'configuration-invalid',
          message: expect.stringMatching(/^Environment: DROVER_STORE: (?!.*hunter2)/),
        }),
      );
    },
  );
});

describe('DROVER_MLFLOW_URI', () => {
  const mlflowOf = (environment: Record<string, string>) =>
    readSettings(environment, '/project').tracking.mlflow;

  it('is a server, also a private one, with an experiment and perhaps a token', () => {
    expect(mlflowOf({ DROVER_MLFLOW_URI: 'http://10.0.0.7:5000/' })).toEqual({
      uri: 'http://10.0.0.7:5000',
      experiment: 'drover',
    });
    expect(
      mlflowOf({ DROVER_MLFLOW_URI: 'https://a.example/mlflow', DROVER_MLFLOW_TOKEN: 'abc' }),
    ).toMatchObject({ uri: 'https://a.example/mlflow', token: 'abc' });
    expect(mlflowOf({ DROVER_MLFLOW_TOKEN: 'abc' })).toBeUndefined();
  });

  it.each(['file:///mlruns', 'mlflow', 'http://ada:hunter2@host:5000', 'http://host/?token=hunter2'])(
    'is not %s, and the refusal does not say it',
    (uri) => {
      expect(() => mlflowOf({ DROVER_MLFLOW_URI: uri })).toThrow(
        expect.objectContaining({
          type: 'configuration-invalid',
          message: expect.stringMatching(/^Environment: DROVER_MLFLOW_URI: (?!.*hunter2)/),
        }),
      );
    },
  );

  it('has a token that a header can hold, and the refusal does not say it', () => {
    const environment = { DROVER_MLFLOW_URI: 'http://host:5000', DROVER_MLFLOW_TOKEN: 'hunter2\nx' };
    expect(() => mlflowOf(environment)).toThrow(/^Environment: DROVER_MLFLOW_TOKEN: (?!.*hunter2)/);
  });
});

describe('DROVER_WANDB_PROJECT', () => {
  it('is a project by its name, and nothing that could be a path', () => {
    const projectOf = (name: string) =>
      readSettings({ DROVER_WANDB_PROJECT: name }, '/project').tracking.wandb?.project;
    expect(projectOf('pets-2')).toBe('pets-2');
    expect(projectOf('')).toBeUndefined();
    expect(() => projectOf('../pets')).toThrow(/^Environment: DROVER_WANDB_PROJECT: /);
  });
});
