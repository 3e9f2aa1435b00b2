import { GITHUB_ISSUER } from '../store/deployer-policy'

/** What the templates ask the account's administrator. */
export const PROVIDER_WORDS = `ARN of the account's OIDC provider for ${GITHUB_ISSUER}, where it has one, since there is one a URL. Empty: it is made.`
