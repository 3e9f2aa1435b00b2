import * as semver from 'semver'
import { invalid, type Parser, show, valid } from './problems'

/** A current release, brought where there is none; tests run with the one that is there. */
export const TERRAFORM_VERSION = '1.15.9'

/** The last release of v5, which every test runs. */
export const AWS_PROVIDER_VERSION = '5.100.0'

/** One released version inside a range, and never a range itself: a run is to be repeatable. */
function exactVersion(what: string, range: string, example: string): Parser<string> {
  return (text) => {
    const fix = `Write one released version (${range}), for example ${example}`
    const version = semver.valid(text)
    if (version !== text) {
      // `semver` reads `v1.11.4` and `1.11.4+build` as 1.11.4.
      const better = version !== null && semver.satisfies(version, range) ? `Write ${version}` : fix
      return invalid(`${show(text)} is not an exact version of ${what}`, better)
    }
    if (!semver.satisfies(version, range)) {
      return invalid(`${what} ${show(text)} is outside of what this works with`, fix)
    }
    return valid(version)
  }
}

const terraformRelease = exactVersion('Terraform', '>=1.11.0', TERRAFORM_VERSION)

/** A release of Terraform that locks S3 state without DynamoDB (1.11 and later), or the word `opentofu`. */
export const terraformVersion: Parser<string> = (text) =>
  text === 'opentofu' ? valid(text) : terraformRelease(text)

const awsProviderRelease = exactVersion(
  'the AWS provider',
  '5.100.0 || >=6.40.0 <7.0.0',
  AWS_PROVIDER_VERSION,
)

/** A release of the AWS provider whose schema the resources fit. */
export const awsProviderVersion: Parser<string> = (text) =>
  semver.valid(text) === text && semver.satisfies(text, '>=6.0.0 <6.40.0')
    ? invalid(
        `With the AWS provider ${text} a plan of a bucket may change for ever, as S3 blocks SSE-C on new buckets`,
        `Write ${AWS_PROVIDER_VERSION}, or 6.40.0 or later below 7`,
      )
    : awsProviderRelease(text)
