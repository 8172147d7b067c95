import { Supervisor } from '../../cli/processes/supervisor';

// A supervisor in a process of its own, so that it can be killed: `supervise.ts <home> <script>`.
const [home = '', script = ''] = process.argv.slice(2);
const supervisor = new Supervisor({
  home,
  addresses: { api: 'http://127.0.0.1:1' },
  model: 'animals',
  say: (line) => process.stdout.write(`${line}\n`),
  gaveUp: () => undefined,
});
const child = (name: string, how: string) =>
  supervisor.start({
    name,
    command: process.execPath,
    args: [script, how],
    env: process.env,
    cwd: home,
    grace: 500,
  });
child('worker', 'well');
child('temporal', 'deaf');
process.on('SIGTERM', () => void supervisor.stop([['worker'], ['temporal']]).then(() => process.exit(0)));
setInterval(() => undefined, 1000);
