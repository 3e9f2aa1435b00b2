/**
 * Packages that are ES modules only name no entry for `require`, which Jest asks for; they get theirs for
 * `import`, and are transformed (see jest.config.mjs).
 */
const ESM_ONLY = /^(@actions\/|@octokit\/|universal-user-agent$|before-after-hook$)/

module.exports = (request, options) =>
  options.defaultResolver(request, {
    ...options,
    ...(ESM_ONLY.test(request) ? { conditions: ['import', 'node', 'default'] } : {}),
  })
