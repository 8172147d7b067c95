import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { closest } from 'fastest-levenshtein';
import { workflowTypes } from '../contracts/names';

/**
 * Runs in place of every type that is none of Drover's. Without it such a start would stay running for ever
 * and say nothing.
 */
export async function unknownType(): Promise<never> {
  const { workflowType } = workflowInfo();
  throw ApplicationFailure.nonRetryable(
    `There is no workflow type ${workflowType}; did you mean ${closest(workflowType, workflowTypes)}? Known are ${workflowTypes.join(', ')}.`,
    'start-refused',
  );
}
