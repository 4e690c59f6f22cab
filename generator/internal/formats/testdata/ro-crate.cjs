// Looks at an RO-Crate with the validator of its own library, which asks the network
// for the context; that is looked at by jsonld.cjs.
const { Validator } = require('ro-crate/lib/validator');
const fs = require('fs');
const path = require('path');

globalThis.fetch = () => Promise.reject(new Error('no network'));

module.exports = async (dir) => {
  const validator = new Validator();
  validator.parseJSON(fs.readFileSync(path.join(dir, 'ro-crate-metadata.json'), 'utf8'));
  await validator.validate();
  const there = fs.readdirSync(dir, { recursive: true }).map((f) => [f, { exists: true, inCrate: false, isDir: false }]);
  validator.checkFiles(Object.fromEntries(there));
  return validator.results.filter((r) => r.status === 'error' && !/no network/.test(r.message)).map((r) => `${r.entity || ''} ${r.message}`);
};
