// What Netlify's own parsers make of netlify.toml, _headers and _redirects.
// node netlify.mjs NODE_MODULES FOLDER
import { pathToFileURL } from 'node:url'
import path from 'node:path'

const [modules, dir] = process.argv.slice(2)
const load = (...name) => import(pathToFileURL(path.join(modules, '@netlify', ...name)))
const { parseAllHeaders } = await load('headers-parser', 'lib', 'index.js')
const { parseAllRedirects } = await load('redirect-parser', 'lib', 'index.js')
const { resolveConfig } = await load('config', 'lib', 'index.js')
const said = ({ headers, redirects, errors }) => ({ headers, redirects, errors: errors.map(String) })
const file = (name) => path.join(dir, name)

const merge = (a, b) => ({ ...a, ...b, errors: [...a.errors, ...b.errors] })
const config = await resolveConfig({ cwd: dir, repositoryRoot: dir, offline: true, buffer: true, mode: 'cli', branch: 'main' })
console.log(JSON.stringify({
  files: said(merge(
    await parseAllHeaders({ headersFiles: [file('_headers')], configHeaders: [], minimal: true }),
    await parseAllRedirects({ redirectsFiles: [file('_redirects')], configRedirects: [], minimal: true }))),
  toml: said(merge(
    await parseAllHeaders({ headersFiles: [], netlifyConfigPath: file('netlify.toml'), configHeaders: [], minimal: true }),
    await parseAllRedirects({ redirectsFiles: [], netlifyConfigPath: file('netlify.toml'), configRedirects: [], minimal: true }))),
  config: { headers: config.config.headers, redirects: config.config.redirects, errors: [...config.logs.stderr] },
  build: config.config.build.command,
}))
