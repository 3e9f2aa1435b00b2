import type { DocumentsRequest } from '../../src/export/documents'
import { synthesizeBlocks, type Target } from '../../src/infra/synthesize'
import type { StoreSpec } from '../../src/store/spec'
import { defaultOptions } from '../support/options'

export const SPEC = defaultOptions('my-valohai-bucket')

const TARGET: Target = {
  layout: 'root',
  format: 'hcl',
  backend: {
    type: 's3',
    settings: {
      bucket: 'my-valohai-bucket-tfstate',
      key: 'valohai-s3/my-valohai-bucket.tfstate',
      region: 'eu-west-1',
    },
  },
  awsProviderVersion: '5.100.0',
}

/** What synth would ask for, with everything that is not said as it comes. */
export function requestOf(
  changes: { readonly spec?: Partial<StoreSpec>; readonly target?: Partial<Target> } = {},
): DocumentsRequest {
  const spec = { ...SPEC, ...changes.spec }
  const target = { ...TARGET, ...changes.target }
  const blocks = [...synthesizeBlocks(spec, target).values()].flat()
  return { spec, target, blocks, source: './valohai-s3-terraform', own: {} }
}
