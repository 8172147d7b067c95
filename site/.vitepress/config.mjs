import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { anchorOf } from '../anchors.mjs';

const content = join(import.meta.dirname, '..', '.content');
const titleOf = (path) =>
  /^# (.+)$/m.exec(readFileSync(join(content, path), 'utf8'))?.[1]?.replaceAll('`', '') ?? path;
const page = (path) => ({ text: titleOf(path), link: `/${path.replace(/(index)?\.md$/, '')}` });
const pagesOf = (folder) =>
  readdirSync(join(content, folder))
    .filter((name) => name.endsWith('.md') && name !== 'index.md')
    .map((name) => page(`${folder}/${name}`))
    .sort((one, other) => one.text.localeCompare(other.text));
const repository = process.env.DOCS_REPOSITORY ?? '';

export default defineConfig({
  title: 'Drover',
  description: 'Durable machine-learning pipelines for image classifiers',
  lang: 'en',
  srcDir: '.content',
  outDir: 'dist',
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  // Addresses of one's own machine are what the tutorial is about; every other dead link ends the build.
  ignoreDeadLinks: 'localhostLinks',
  lastUpdated: false,
  markdown: {
    anchor: { slugify: anchorOf },
    config(md) {
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const { info, content: text } = tokens[index];
        if (info.trim() !== 'mermaid') return fence(tokens, index, ...rest);
        return `<Mermaid code="${encodeURIComponent(text)}" />`;
      };
      // Vue would read {{ … }} in code that is set in by four spaces, or within a line.
      md.renderer.rules.code_inline = (tokens, index) =>
        `<code v-pre>${md.utils.escapeHtml(tokens[index].content)}</code>`;
      md.renderer.rules.code_block = (tokens, index) =>
        `<pre v-pre class="plain"><code>${md.utils.escapeHtml(tokens[index].content)}</code></pre>`;
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Guides', link: '/guides/data' },
      { text: 'Reference', link: '/reference/commands' },
      { text: 'Runbooks', link: '/runbooks/' },
      { text: 'Changes', link: '/changelog' },
    ],
    sidebar: [
      {
        text: 'Begin',
        items: [
          'readme.md',
          'tutorial.md',
          'pictures.md',
          'comparison.md',
          'troubleshooting.md',
          'index.md',
        ].map(page),
      },
      { text: 'Guides', items: pagesOf('guides') },
      {
        text: 'Using it',
        items: [
          'cli.md',
          'configuration.md',
          'settings.md',
          'workflows.md',
          'api.md',
          'clients.md',
          'containers.md',
          'sample-set.md',
        ].map(page),
      },
      { text: 'Reference, made from the code', items: pagesOf('reference') },
      { text: 'Runbooks', collapsed: true, items: [page('runbooks/index.md'), ...pagesOf('runbooks')] },
      {
        text: 'Changing it',
        collapsed: true,
        items: [
          'architecture.md',
          'benchmarks.md',
          'bad-inputs.md',
          'dependencies.md',
          'contributing.md',
          'changelog.md',
        ].map(page),
      },
      { text: 'Decisions', collapsed: true, items: pagesOf('decisions') },
    ],
    ...(repository !== '' && { socialLinks: [{ icon: 'github', link: repository }] }),
    footer: { message: 'Apache License 2.0' },
  },
});
