// Reads a Data Package with Frictionless' own library, its tables row by row. This does
// not know byte order marks, which decoders of UTF-8 take off, so it gets a copy without.
const { Package } = require('datapackage');
const fs = require('fs');
const os = require('os');
const path = require('path');

module.exports = async (site) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'datapackage-'));
  try {
    fs.cpSync(path.join(site, 'data'), dir, { recursive: true });
    for (const name of fs.readdirSync(dir).filter((f) => f.endsWith('.csv'))) {
      const file = path.join(dir, name);
      fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
    }
    const pack = await Package.load(JSON.parse(fs.readFileSync(path.join(dir, 'datapackage.json'), 'utf8')), { basePath: dir });
    if (!pack.valid) return pack.errors.map(String);
    const found = [];
    for (const resource of pack.resources) {
      const file = path.join(dir, resource.descriptor.path);
      if (!fs.existsSync(file)) found.push(`${resource.name}: there is no such file`);
      if (!resource.tabular) continue;
      const rows = await resource.read({ keyed: true });
      if (rows.length !== fs.readFileSync(file, 'utf8').trimEnd().split('\r\n').length - 1) found.push(`${resource.name}: ${rows.length} rows`);
    }
    return found;
  } catch (e) {
    return (e.errors && e.errors.length ? e.errors : [e]).map(String);
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
};
