//! `gapcast completions` and `gapcast man`: shell completions and manual pages of the command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::screen::Screen;
use crate::cli::{Cli, exit};

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "bash:  gapcast completions bash > ~/.local/share/bash-completion/completions/gapcast\n\
    zsh:   gapcast completions zsh > ~/.zfunc/_gapcast\n\
    fish:  gapcast completions fish > ~/.config/fish/completions/gapcast.fish")]
pub struct CompletionsArgs {
    /// Shell.
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder for the pages; created if it does not exist.
    dir: PathBuf,
}

/// Prints the completions for a shell.
pub fn completions(args: &CompletionsArgs, screen: &Screen) -> u8 {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "gapcast", &mut text);
    screen.say(&String::from_utf8_lossy(&text));
    exit::FINE
}

/// Writes a manual page for the program and one for each command.
pub fn man(args: &ManArgs, screen: &Screen) -> u8 {
    let written = std::fs::create_dir_all(&args.dir).and_then(|()| clap_mangen::generate_to(Cli::command(), &args.dir));
    match written {
        Ok(()) => exit::FINE,
        Err(error) => {
            screen.talk(&format!("error: cannot write the pages into `{}`: {error}", args.dir.display()));
            exit::IO
        }
    }
}
