// Makes citations of CSL-JSON as citeproc does. Takes on standard input
// {styles, locales: folders, jobs: [{style, locale, item, locator}]} and gives for
// each job {entry, cited}: in the list of references, and in the text or note.
const CSL = require('citeproc');
const fs = require('fs');
const path = require('path');

const { styles, locales, jobs } = JSON.parse(fs.readFileSync(0, 'utf8'));
const read = (dir, name) => fs.readFileSync(path.join(dir, name), 'utf8');
const results = jobs.map(({ style, locale, item, locator }) => {
  const engine = new CSL.Engine({
    retrieveLocale: (name) => read(locales, `locales-${name}.xml`),
    retrieveItem: () => item,
  }, read(styles, `${style}.csl`), locale, true);
  engine.setOutputFormat('text');
  engine.updateItems([item.id]);
  const bibliography = engine.makeBibliography();
  const cited = engine.makeCitationCluster([{ id: item.id, ...locator }]);
  return { entry: bibliography ? bibliography[1].join('').trim() : '', cited };
});
process.stdout.write(JSON.stringify(results));
