//! The calls of the frontend in its own words: paths, queries and bodies as its pages write them, also
//! where a tidy client would write something else.

mod call;
mod file_browser;
mod job_form;
mod job_list;
mod names;
mod uploads;

tests! { "frontend":
    file_browser::file_browser, job_form::job_form, job_list::job_list, names::names, uploads::uploads
}
