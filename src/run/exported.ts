import { keyOfExport } from '../decide/exported'
import type { Observed } from '../decide/observed'
import type { Decision } from '../decide/steps'
import { VALUES_FILE, variableValues } from '../infra/synthesize'
import type { Run } from './act/context'

/**
 * Says of a state that people began with an exported folder that this folder must not be applied again, and how the
 * values in it would have to be. Who applied it as it is would take away what runs made since.
 */
export function tellOfExport({ world: { reporter } }: Run, { state }: Observed, decision: Decision): void {
  const key = keyOfExport(state)
  if (key === undefined || decision.takesDown !== undefined) return
  const { spec, generations } = decision
  reporter.warning(
    `This state was begun by applying an exported folder: no run made its access key ${key.id}. Do not apply that folder again, it would undo what is done here. This is said until the key was replaced (\`rotate-key\`) and is gone.`,
  )
  const values = variableValues(spec, {
    access_key_generations: [...generations],
    pgp_key: key.sealedFor ?? null,
  }).get(VALUES_FILE)
  reporter.info(`If it has to be applied all the same, its ${VALUES_FILE} has to be:\n${values ?? ''}`)
}
