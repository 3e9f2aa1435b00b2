/** What to do where AWS denies setting a public access block, of the bucket or of the state's. */
export const PUBLIC_ACCESS_BLOCK_DENIED =
  'Where the organization blocks public access and denies setting it, set `public-access-block: false`.'
