//! `efficientnet classify -o`: killed at any moment, the same command goes on; no row is lost, none is
//! there twice.

mod common;

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use common::{Files, command, efficientnet, photo};

const COUNT: usize = 60;

/// A folder of small photos, every tenth of them broken.
fn folder() -> Files {
    let files = Files::new();
    fs::create_dir(files.path("photos")).expect("made");
    for number in 0..COUNT {
        let path = files.path(&format!("photos/{number:03}.png"));
        let pixel = |x, y| image::Rgb([x as u8 * 8, y as u8 * 8, number as u8 * 4]);
        match number % 10 {
            7 => fs::write(path, "no photo").expect("written"),
            _ => image::RgbImage::from_fn(32, 32, pixel)
                .save(path)
                .expect("written"),
        }
    }
    files
}

/// Bytes of the output so far, the journal's or 0.
fn size(path: &str) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_file() {
    let files = folder();
    let photos = files.path("photos");
    for (round, format) in ["jsonl", "csv", "parquet"].into_iter().enumerate() {
        let (whole, killed) = (
            files.path(&format!("whole.{format}")),
            files.path(&format!("killed.{format}")),
        );
        let run = |output| efficientnet(&["classify", &photos, "-o", output]);
        assert_eq!(run(&whole).code, Some(2));
        let partial = format!("{killed}.partial");
        let mut kills = 0;
        let mut pause = 10 + 7 * round as u64;
        while kills < 6 {
            let before = size(&partial);
            let mut child = command(&["classify", &photos, "-o", &killed])
                .stderr(Stdio::null())
                .spawn()
                .expect("the command starts");
            // Until it has gone on by a row at least, so that every round gets further.
            while size(&partial) <= before && child.try_wait().expect("known").is_none() {
                sleep(Duration::from_millis(1));
            }
            sleep(Duration::from_millis(pause));
            pause = pause * 7 % 97;
            child.kill().expect("killed");
            let ended = child.wait().expect("it ends").code();
            if ended.is_some() {
                break;
            }
            kills += 1;
        }
        assert!(kills > 0, "{format}");
        if size(&killed) == 0 {
            let outcome = run(&killed);
            assert_eq!(outcome.code, Some(2));
            let last = outcome.stderr.lines().last();
            let expected = "efficientnet: 6 of 60 photos cannot be classified; their rows say why";
            assert_eq!(last, Some(expected), "{}", outcome.stderr);
        }
        let [whole, killed] = [whole, killed].map(|path| fs::read(path).expect("complete"));
        assert!(whole == killed, "{format}");
    }
    let names = files.names();
    assert!(
        !names.iter().any(|name| name.ends_with(".partial")),
        "{names:?}"
    );
}

/// A journal as a run leaves it that is killed after some rows, the last of them torn.
fn journal(files: &Files, output: &str, rows: usize) -> String {
    let photos = files.path("photos");
    let partial = format!("{output}.partial");
    let mut child = command(&["classify", &photos, "-o", output])
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    let lines = || fs::read_to_string(&partial).map_or(0, |text| text.lines().count());
    while lines() < rows + 2 && child.try_wait().expect("known").is_none() {
        sleep(Duration::from_millis(1));
    }
    child.kill().expect("killed");
    child.wait().expect("it ends");
    let text = fs::read_to_string(&partial).expect("it was killed before its end");
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    fs::write(&partial, &text[..ends[rows] + 9]).expect("written");
    partial
}

#[test]
fn other_options_do_not_go_on_but_another_format_and_other_jobs_do() {
    let files = folder();
    let (photos, output) = (files.path("photos"), files.path("out.jsonl"));
    let partial = journal(&files, &output, 5);
    let left = fs::read(&partial).expect("the journal");
    let labels = files.write("labels.txt", "x\n".repeat(1000));
    let cases: [(&[&str], &str); 4] = [
        (&["--top", "3"], "--top was 5, is 3"),
        (&["--recursive"], "--recursive was false, is true"),
        (&["--labels", &labels], "--labels was built in, is "),
        (&["/nowhere.jpg"], "images was "),
    ];
    for (more, part) in cases {
        let arguments = [&["classify", &photos, "-o", &output], more].concat();
        efficientnet(&arguments).complains(2, &[&partial, part, "another -o"]);
    }
    assert_eq!(fs::read(&partial).expect("the journal"), left);

    let more = ["--format", "csv", "--jobs", "3"];
    let outcome = efficientnet(&[&["classify", &photos, "-o", &output], &more[..]].concat());
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("5 rows are done"),
        "{}",
        outcome.stderr
    );
    let text = fs::read_to_string(&output).expect("complete");
    assert_eq!(text.lines().count(), 1 + COUNT);
    assert!(text.starts_with("path,error,class1,"), "{text}");
    let again = efficientnet(&["classify", &photos, "-o", &output]);
    again.complains(2, &[&output, "there already", "complete"]);
}

#[test]
fn a_file_of_ones_own_is_not_a_journal() {
    let files = folder();
    let (photos, output) = (files.path("photos"), files.path("out.jsonl"));
    let partial = files.write("out.jsonl.partial", "a poem\n");
    let outcome = efficientnet(&["classify", &photos, "-o", &output]);
    outcome.complains(2, &[&partial, "not of classify"]);
    assert_eq!(
        fs::read_to_string(&partial).expect("still there"),
        "a poem\n"
    );
}

/// Photos that came and went between the two runs.
#[test]
fn what_a_folder_holds_when_it_goes_on_decides() {
    let files = folder();
    let (photos, output) = (files.path("photos"), files.path("out.jsonl"));
    journal(&files, &output, 5);
    fs::remove_file(files.path("photos/059.png")).expect("removed");
    fs::copy(photo("rocket"), files.path("photos/000a.jpg")).expect("copied");
    assert_eq!(
        efficientnet(&["classify", &photos, "-o", &output]).code,
        Some(2)
    );
    let text = fs::read_to_string(&output).expect("complete");
    let mut names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split('"').nth(3))
        .collect();
    assert!(names[5].ends_with("000a.jpg"), "{names:?}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), COUNT);
}
