import type { Forms } from '../../contracts/schemas/forms';

/** The forms beside each other, as a table of Markdown. */
export function formsMarkdown({ forms, chosen, pictures, machine }: Forms): string {
  const rows = forms.map((one) => {
    const { form, bytes, gzipped, latencyMs, accuracy, loss, agreement, reason } = one;
    const cells = [
      form === chosen ? `**${form}**` : form,
      `${(bytes / 1024).toFixed(0)} KiB`,
      `${(gzipped / 1024).toFixed(0)} KiB`,
      latencyMs.median.toFixed(2),
      accuracy.toFixed(3),
      loss.toFixed(3),
      agreement.toFixed(3),
      one.kept ? reason : `not kept: ${reason}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `Served as **${chosen}**. On ${pictures} validation pictures, one thread of ${machine}:`,
    '',
    '| form | size | gzipped | ms a picture | accuracy | loss | answers as float32 does | |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows,
  ].join('\n');
}
