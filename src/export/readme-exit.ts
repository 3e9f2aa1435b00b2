import { removedBlock } from '../infra/synthesize'
import { fence, fold } from '../markdown/escape'
import { bucketTypes } from '../store/parts'
import type { StoreSpec } from '../store/spec'
import type { DocumentsRequest } from './documents'

/** The way out, ready to paste: everything goes but the bucket and its settings, which stay in AWS as they are. */
export function exitSection(request: DocumentsRequest): string {
  const isRoot = request.target.layout === 'root'
  const paragraphs = [
    '## Before you destroy anything',
    'Take the store out of Valohai first, or give the project another default store.',
    ...(request.spec.manageBucket
      ? isRoot
        ? [promise('the configuration'), leaveRoot(request)]
        : [promise("the module's block"), leaveModule(request), leaveInstance(request)]
      : [
          isRoot
            ? 'The bucket is no part of this: `terraform destroy` leaves it as it is.'
            : "The bucket is no part of this: without the module's block it is left as it is.",
        ]),
  ]
  return paragraphs.join('\n\n')
}

/** What `prevent_destroy` does, as far as it goes. */
function promise(where: string): string {
  return `**\`terraform destroy\` fails, and is meant to**: the bucket has \`prevent_destroy\`. As long as its block is in the configuration, Terraform refuses any plan that would delete or replace it: another \`bucket_name\`, \`count = 0\` and an instance taken out of \`for_each\` included. **It protects nothing once the block is gone**: with ${where} taken out, Terraform deletes an empty bucket; at one with objects S3 refuses (\`force_destroy\` is off), but key, user, role, bucket policy and public access block are gone by then. So take it out together with the following alone.`
}

const PLAN = fence('terraform plan -out=tfplan\nterraform apply tfplan', 'sh')

const FORGETS =
  'The plan has to say *will no longer be managed by Terraform* of the bucket and of each setting (OpenTofu: *will be removed from the OpenTofu state*).'

function leaveRoot({ spec, target }: DocumentsRequest): string {
  const ending = target.format === 'json' ? 'tf.json' : 'tf'
  return `To give up the rest and keep the bucket as it is, with its settings, take the configuration out:

${fence(`rm main.${ending} outputs.${ending}`, 'sh')}

and put this into \`removed.tf\`. ${FORGETS}

${removed(spec, '')}

${PLAN}`
}

function leaveModule({ spec }: DocumentsRequest): string {
  return `To give up the rest and keep the bucket as it is, with its settings, put this in the place of the module's block and of the outputs that name it. It stands for every instance of \`for_each\`; another name than \`store\` is changed here too. ${FORGETS}

${removed(spec, 'module.store.')}

${PLAN}`
}

/**
 * Resource by resource, not the instance as a whole: what is left of it is then deleted in its order, since the state
 * knows what depends on what by the addresses in the module.
 */
function leaveInstance({ spec }: DocumentsRequest): string {
  const moved = bucketTypes(spec).map(
    (type) => `moved {\n  from = module.store["churn-model"].${type}.store\n  to   = ${type}.given_up\n}\n`,
  )
  const forgotten = bucketTypes(spec).map((type) => removedBlock(`${type}.given_up`))
  return fold(
    'One instance of for_each alone',
    `Take its key out of \`for_each\`, and put this into a file beside the module's block, and delete it after the apply: the bucket and its settings leave the module first, since a block that is still called cannot be removed.

${fence([...moved, ...forgotten].join('\n').trimEnd(), 'hcl')}`,
  )
}

const removed = (spec: StoreSpec, prefix: string): string => fence(blocks(spec, prefix), 'hcl')

const blocks = (spec: StoreSpec, prefix: string): string =>
  bucketTypes(spec)
    .map((type) => removedBlock(`${prefix}${type}.store`))
    .join('\n')
    .trimEnd()
