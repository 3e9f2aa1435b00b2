import type { DocumentsRequest } from './documents'

/** What a second export does to the first one. */
export function againSection({ target }: DocumentsRequest): string {
  const isRoot = target.layout === 'root'
  return `## Export it again

With other options, or by a later release, into the same directory: ${
    isRoot
      ? 'what stands in `terraform.tfvars.json` and no option gives is kept (`access_key_generations`, `pgp_key`, `permissions_boundary`, `other_…`, values of your own variables); an earlier `kms_key_arn` goes on being granted for reading. '
      : 'the values are those of your module block, and stay there. '
  }Files of your own are left. A file of the export that you edited is overwritten only with \`--force\`, so put what you add into files of your own.${
    isRoot
      ? ' For another directory, copy `terraform.tfvars.json` and `.valohai-s3-files.json` there first: the key in use is one of those in it.'
      : ''
  }`
}
