import type { Invocation } from '../config'
import type { Door, Result } from './command'
import { realRun } from './real-run'

/**
 * Takes the store down, its bucket aside.
 *
 * @throws where that is not confirmed, telling what goes and what stays; nothing is changed then
 */
export async function run({ request, inputs }: Invocation, door: Door): Promise<Result> {
  const { bucketName } = request.store
  const isConfirmed = inputs.confirm === bucketName
  const { outcome, ...result } = await realRun(
    { ...request, wish: 'destroy', writes: isConfirmed, deletesBucket: inputs['delete-bucket'] },
    door,
  )
  if (isConfirmed) return result
  throw new Error(
    [
      'Nothing was changed. This takes the store down for good, so it has to be confirmed.',
      ...(outcome.takenDown ?? []).map((sentence) => `- ${sentence}`),
      `To do it, set \`confirm: ${bucketName}\`.`,
    ].join('\n'),
  )
}
