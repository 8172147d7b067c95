import type { RunRef } from '../contracts/refs';
import type { FormsResult } from '../contracts/results';
import { runResultSchema } from '../contracts/schemas/documents';
import { exportSchema, type ExportRules } from '../contracts/schemas/forms';
import { stageInputSchemas } from '../contracts/schemas/inputs';
import { formsMarkdown } from '../lib/forms/markdown';
import { makeForms, type MadeForms } from '../lib/forms/make-forms';
import type { Registry } from '../lib/registry/registry';
import { readJson } from '../lib/storage/refs';
import type { Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';
import { requireChampion } from './promotion';

export interface FormsPlan {
  /** Whose model it is: the run's own, float32. */
  readonly run: RunRef;
  readonly rules: ExportRules;
}

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
}

/** What a model can be served as. */
export function createFormsActivities({ store, registry }: Dependencies) {
  return {
    async planForms(given: unknown): Promise<FormsPlan> {
      const { model, version, export: rules } = parseInput(stageInputSchemas.forms, given, 'forms');
      const wanted = version ?? (await requireChampion(registry, model)).alias.version;
      return { run: (await registry.get(model, wanted)).lineage.result, rules };
    },

    /** The forms, one line about them, and as `details` their table in Markdown. */
    async makeForms(plan: FormsPlan): Promise<FormsResult & { note: string; details: string }> {
      const rules = parseInput(exportSchema, plan.rules, 'forms');
      const { model, prepared } = await readJson(store, plan.run, runResultSchema);
      const { ref, forms } = await withHeartbeat<MadeForms>((onProgress, signal) =>
        makeForms({ store, model, prepared, rules, onProgress, signal }),
      );
      const { chosen } = forms;
      const reason = forms.forms.find(({ form }) => form === chosen)?.reason ?? '';
      return { forms: ref, chosen, note: `${chosen}: ${reason}`, details: formsMarkdown(forms) };
    },
  };
}
