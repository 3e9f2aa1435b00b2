/** A group of regions with accounts, credentials and ARNs of its own, by its id in ARNs. */
export type Partition = keyof typeof PREFIXES

// The first part of a region's code, from the AWS SDK's partitions.json, which a test compares. The SDK's own
// `partition()` says `aws` to everything it does not know, and takes any word in the middle; regions have
// been named by compass points only, and `eu-wst-1` is a typo.
const PREFIXES = {
  aws: '(?:us|eu|ap|sa|ca|me|af|il|mx)',
  'aws-cn': 'cn',
  'aws-us-gov': 'us-gov',
  'aws-iso': 'us-iso',
  'aws-iso-b': 'us-isob',
  'aws-iso-e': 'eu-isoe',
  'aws-iso-f': 'us-isof',
  'aws-eusc': 'eusc-de',
} as const

const COMPASS = '(?:central|(?:north|south)(?:east|west)?|east|west)'

const PATTERNS = Object.entries(PREFIXES).map(([partition, prefix]) => ({
  partition: partition as Partition,
  pattern: new RegExp(`^${prefix}-${COMPASS}-[1-9][0-9]?$`),
}))

/** The partition a region is in; `undefined` for what is not a region's code. */
export function partitionOf(region: string): Partition | undefined {
  return PATTERNS.find(({ pattern }) => pattern.test(region))?.partition
}

/** Regions and the places people call them by: for suggestions alone, a new region needs no entry. */
export const PLACES: Readonly<Record<string, readonly string[]>> = {
  'af-south-1': ['cape town', 'south africa'],
  'ap-east-1': ['hong kong'],
  'ap-east-2': ['taipei', 'taiwan'],
  'ap-northeast-1': ['tokyo', 'japan'],
  'ap-northeast-2': ['seoul', 'korea', 'south korea'],
  'ap-northeast-3': ['osaka'],
  'ap-south-1': ['mumbai', 'india'],
  'ap-south-2': ['hyderabad'],
  'ap-southeast-1': ['singapore'],
  'ap-southeast-2': ['sydney', 'australia'],
  'ap-southeast-3': ['jakarta', 'indonesia'],
  'ap-southeast-4': ['melbourne'],
  'ap-southeast-5': ['malaysia', 'kuala lumpur'],
  'ap-southeast-6': ['new zealand', 'auckland'],
  'ap-southeast-7': ['thailand', 'bangkok'],
  'ca-central-1': ['canada', 'montreal'],
  'ca-west-1': ['calgary'],
  'cn-north-1': ['beijing', 'china'],
  'cn-northwest-1': ['ningxia'],
  'eu-central-1': ['frankfurt', 'germany'],
  'eu-central-2': ['zurich', 'switzerland'],
  'eu-north-1': ['stockholm', 'sweden'],
  'eu-south-1': ['milan', 'italy'],
  'eu-south-2': ['spain', 'aragon'],
  'eu-west-1': ['ireland', 'dublin', 'europe'],
  'eu-west-2': ['london', 'uk', 'united kingdom'],
  'eu-west-3': ['paris', 'france'],
  'eusc-de-east-1': ['brandenburg', 'european sovereign cloud'],
  'il-central-1': ['tel aviv', 'israel'],
  'me-central-1': ['uae', 'dubai', 'united arab emirates'],
  'me-south-1': ['bahrain'],
  'mx-central-1': ['mexico', 'queretaro'],
  'sa-east-1': ['sao paulo', 'são paulo', 'brazil'],
  'us-east-1': ['virginia', 'n. virginia', 'northern virginia', 'us'],
  'us-east-2': ['ohio'],
  'us-gov-east-1': ['govcloud (us-east)'],
  'us-gov-west-1': ['govcloud', 'govcloud (us-west)'],
  'us-west-1': ['california', 'n. california', 'northern california'],
  'us-west-2': ['oregon'],
}
