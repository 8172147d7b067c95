import type { OpenedModel } from '../engine/engine';
import type { ServedModel } from './served-model';

/** A loaded model that counts its users, so that it is unloaded only when the last is done. */
export class LoadedModel {
  private users = 0;
  private onUnused: (() => void) | undefined;

  constructor(
    readonly served: ServedModel,
    private readonly opened: OpenedModel,
  ) {}

  async use<T>(work: (model: ServedModel) => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work(this.served);
    } finally {
      this.users -= 1;
      if (this.users === 0) this.onUnused?.();
    }
  }

  /** To be called when no new users can come. Resolves when the last is done and the memory is given back. */
  async unload(): Promise<void> {
    if (this.users > 0) {
      await new Promise<void>((resolve) => {
        this.onUnused = resolve;
      });
    }
    this.opened.close();
  }
}
