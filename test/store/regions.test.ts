import { partition } from '@aws-sdk/util-endpoints'
import { partitionOf, PLACES } from '../../src/store/regions'

/** One region of each partition, places or not. */
const OTHERS = ['us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1', 'eusc-de-east-1']

it.each([...Object.keys(PLACES), ...OTHERS])('%s is in the partition that the AWS SDK says', (region) => {
  expect(partitionOf(region)).toBe(partition(region).name)
})

it.each(['eu-north-2', 'ap-southeast-9', 'us-gov-central-1', 'cn-south-12'])(
  'a new region, %s, needs no entry',
  (region) => {
    expect(partitionOf(region)).toBe(partition(region).name)
  },
)

// The SDK takes the first two for regions, and says `aws` to the others as well.
it.each(['eu-wst-1', 'us-moon-1', 'the moon', 'aws-global', 'eu-west-1a', 'EU-WEST-1', ''])(
  '%j is no region',
  (text) => {
    expect(partitionOf(text)).toBeUndefined()
    expect(partition(text).name).toBe('aws')
  },
)
