import type { Passing, Verdict } from '../support/proxy'
import { faultsOf } from './after-kill'
import { openIntercepted } from './intercepted'

const BUCKET = 'acme-unsaved'

test('a state that could not be saved at first is saved within the run, which goes on', async () => {
  const sandbox = await openIntercepted(BUCKET)
  try {
    let refusals = 2
    const before = ({ method, url }: Passing): Verdict =>
      method === 'PUT' && /\.tfstate(\?|$)/.test(url) && refusals-- > 0 ? 403 : 'pass'
    const result = await sandbox.stepThrough({ before })
    expect(result).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'created' } })
    expect(result.stdout).toContain('Terraform could not save its state at first; it is saved now')
    expect(await faultsOf(sandbox, BUCKET, 1)).toEqual([])
  } finally {
    await sandbox.close()
  }
})
